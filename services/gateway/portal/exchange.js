/** Sends a request and reads its answer, within limits of size and time. */

import { size } from "./units.js";

const LIMIT = 65536;
const PATIENCE = 10000;

async function readBody(response) {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  const read = { text: "", bytes: 0, cut: "" };
  try {
    for (let step; reader && !read.cut && !(step = await reader.read()).done; ) {
      const taken = step.value.subarray(0, LIMIT - read.bytes);
      if (taken.length < step.value.length) read.cut = `Cut at ${size(LIMIT)}.`;
      read.bytes += taken.length;
      read.text += decoder.decode(taken, { stream: true });
    }
  } catch {
    read.cut = "The answer broke off before its end.";
  }
  if (read.cut) reader.cancel().catch(() => {});
  return { ...read, text: read.text + decoder.decode() };
}

/** The answer `{response, text, bytes, cut, elapsed}` (ms); `cut` says why the text is not all of it. */
export async function exchange({ url, ...init }) {
  const request = new Request(url, { ...init, cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
  const started = performance.now();
  const response = await fetch(request);
  const read = await readBody(response);
  return { response, ...read, elapsed: performance.now() - started };
}
