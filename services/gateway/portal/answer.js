/** Shows an answer, always as text, or why there is none. */

import { layOut } from "./json.js";
import { element, part } from "./template.js";
import { duration, size } from "./units.js";

const BINARY = /^(image\/(?!svg)|audio|video|font)|octet-stream|zip/;

function isJson(text, type) {
  if (!/[/+]json\b/.test(type)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function bodyOf({ text, bytes, cut }, type) {
  if (BINARY.test(type)) return `${size(bytes)} of ${type}`;
  return !cut && isJson(text, type) ? layOut(text) : text;
}

const describe = (term, value) => element("div", {}, element("dt", { textContent: term }), element("dd", {}, value));

const mono = (text) => element("code", { textContent: text });

function verdictOf({ response, elapsed, bytes }, type) {
  const status = `${response.status} ${response.statusText}`.trim();
  const className = `status s${String(response.status)[0]}xx`;
  const facts = [duration(elapsed), size(bytes), type.split(";")[0]];
  const shown = facts.map((textContent) => element("span", { textContent }));
  return [element("strong", { className, textContent: status }), ...shown];
}

function traceOf(id, jaegerUrl) {
  if (!jaegerUrl) return mono(id);
  const href = `${jaegerUrl.replace(/\/$/, "")}/trace/${encodeURIComponent(id)}`;
  return element("a", { href }, mono(id));
}

function idsOf(headers, jaegerUrl) {
  const trace = headers.get("X-Trace-ID");
  const request = headers.get("X-Request-ID");
  const shown = [trace && describe("Trace", traceOf(trace, jaegerUrl)), request && describe("Request", mono(request))];
  return shown.filter(Boolean);
}

function noteOf({ response, bytes, cut }) {
  const redirect = response.redirected ? `Redirected to ${new URL(response.url).pathname}.` : "";
  return [redirect, cut, bytes ? "" : "The answer has no body."].filter(Boolean).join(" ");
}

/** Shows what `exchange` gave. */
export function showAnswer(root, answer, jaegerUrl) {
  const { headers } = answer.response;
  const type = headers.get("Content-Type") ?? "";
  const note = noteOf(answer);
  part(root, "verdict").replaceChildren(...verdictOf(answer, type));
  part(root, "ids").replaceChildren(...idsOf(headers, jaegerUrl));
  part(root, "body").replaceChildren(bodyOf(answer, type));
  part(root, "body").hidden = answer.bytes === 0;
  part(root, "body").scrollTop = 0;
  part(root, "note").textContent = note;
  part(root, "note").hidden = !note;
  part(root, "headers").replaceChildren(...[...headers].map(([name, value]) => describe(name, value)));
  part(root, "details").hidden = false;
}

/** Shows why there is no answer. */
export function showFailure(root, error) {
  const textContent = error.name === "TimeoutError" ? "No answer in time" : `No answer: ${error.message}`;
  part(root, "verdict").replaceChildren(element("strong", { className: "status s5xx", textContent }));
  part(root, "ids").replaceChildren();
  for (const name of ["body", "note", "details"]) part(root, name).hidden = true;
}
