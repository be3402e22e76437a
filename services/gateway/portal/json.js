/** JSON laid out line by line; every number and string stays exactly as it was sent. */

import { element } from "./template.js";

const TOKEN = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/g;
const OPENING = new Set("{[");
const CLOSING = new Set("]}");
const DEEPEST = 24;

const newline = (depth) => `\n${"  ".repeat(Math.max(0, Math.min(depth, DEEPEST)))}`;

function scalar(token, next) {
  const className = !token.startsWith('"') ? "literal" : next === ":" ? "key" : "string";
  return element("span", { className, textContent: token });
}

export function layOut(json) {
  const tokens = json.match(TOKEN) ?? [];
  const fragment = document.createDocumentFragment();
  let depth = 0;
  tokens.forEach((token, index) => {
    if (OPENING.has(token)) {
      depth += 1;
      fragment.append(token, CLOSING.has(tokens[index + 1]) ? "" : newline(depth));
    } else if (CLOSING.has(token)) {
      depth -= 1;
      fragment.append(OPENING.has(tokens[index - 1]) ? "" : newline(depth), token);
    } else if (token === ",") fragment.append(token, newline(depth));
    else if (token === ":") fragment.append(": ");
    else fragment.append(scalar(token, tokens[index + 1]));
  });
  return fragment;
}
