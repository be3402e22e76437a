/** The state of a service, asked for while the page is visible. */

const PERIOD = 5000;
const PATIENCE = 3000;

export const LABELS = {
  checking: "Checking",
  ready: "Ready",
  "not-ready": "Not ready",
  unreachable: "Unreachable",
};

function stateOf(status) {
  if (status === 200) return "ready";
  return status === 503 ? "not-ready" : "unreachable";
}

async function check(prefix) {
  const started = performance.now();
  try {
    const response = await fetch(`${prefix}/readyz`, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    return { state: stateOf(response.status), elapsed: performance.now() - started };
  } catch {
    return { state: "unreachable", elapsed: null };
  }
}

/** Calls `report` with `{state, elapsed}` (ms) now and every few seconds while the page is visible. */
export function watch(prefix, report) {
  let timer;
  let busy = false;
  async function round() {
    clearTimeout(timer);
    if (busy || document.hidden) return;
    busy = true;
    report(await check(prefix));
    busy = false;
    timer = setTimeout(round, PERIOD);
  }
  document.addEventListener("visibilitychange", round);
  round();
}
