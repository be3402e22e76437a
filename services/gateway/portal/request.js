/** What a form sends, and the curl line that does the same. */

const WITHOUT_BODY = new Set(["GET", "HEAD", "DELETE", "OPTIONS"]);

/** Where a field's value goes: path, query, header or body. */
export function placeOf(field, example) {
  if (field.in) return field.in;
  if (example.path.includes(`{${field.name}}`)) return "path";
  return WITHOUT_BODY.has(example.method) ? "query" : "body";
}

function urlOf(prefix, path, entries) {
  const filled = entries.path.reduce(
    (url, [name, value]) => url.replaceAll(`{${name}}`, () => encodeURIComponent(value)), path);
  const query = new URLSearchParams(entries.query.filter(([, value]) => value !== "")).toString();
  return prefix + filled + (query && (filled.includes("?") ? "&" : "?") + query);
}

/** The request `{method, url, headers, body}` of an example, its fields' values by name, and its edited body. */
export function buildRequest(prefix, example, values, body) {
  const entries = { path: [], query: [], header: [], body: [] };
  for (const field of example.fields ?? []) {
    const typed = values[field.name];
    const value = field.type === "number" && typed !== "" ? Number(typed) : typed;
    entries[placeOf(field, example)].push([field.name, value]);
  }
  const headers = Object.fromEntries(entries.header.filter(([, value]) => value !== ""));
  return {
    method: example.method,
    url: urlOf(prefix, example.path, entries),
    headers: { ...example.headers, ...headers },
    body: entries.body.length ? JSON.stringify(Object.fromEntries(entries.body)) : body,
  };
}

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

const METHOD_FLAG = { GET: "", HEAD: " -I" };

/** A line for a POSIX shell that sends the same request and shows the headers of the answer. */
export function curlLine({ method, url, headers, body }, origin) {
  const parts = [`curl -i${METHOD_FLAG[method] ?? ` -X ${method}`}`];
  for (const [name, value] of Object.entries(headers)) parts.push(`-H ${quote(`${name}: ${value}`)}`);
  if (body != null) parts.push(`--data-raw ${quote(body)}`);
  return [...parts, quote(origin + url)].join(" ");
}
