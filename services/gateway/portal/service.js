/** One service on the page: its card in the overview and its section. */

import { LABELS } from "./readiness.js";
import { copy, draw, element, part } from "./template.js";
import { Tryout } from "./tryout.js";
import { duration } from "./units.js";

const REMEMBERED = 24;

/** The service's own address: its label before this page's host name, in a form that resolves without set-up. */
export function hostAddress(label, { protocol, hostname, port }) {
  const local = hostname === "localhost" || hostname.startsWith("127.");
  const suffix = /^[\d.]+$/.test(hostname) ? `${hostname}.nip.io` : hostname;
  return `${protocol}//${label}.${local ? "localhost" : suffix}${port && `:${port}`}`;
}

async function versionOf(service) {
  const response = await fetch(service.prefix + service.openapi);
  return response.ok ? (await response.json()).info.version : null;
}

function linksOf(service) {
  const docs = service.docs ? [{ title: "Documentation", path: service.docs }] : [];
  return [...docs, ...(service.links ?? [])].map(({ title, path }) =>
    element("li", {}, element("a", { href: service.prefix + path, textContent: title })));
}

function buildCard(service) {
  const card = copy("card");
  card.href = `#${service.name}`;
  part(card, "title").textContent = service.title;
  part(card, "history").append(...Array.from({ length: REMEMBERED }, () => element("i")));
  return card;
}

function showHost(section, [label], home) {
  if (!label || location.hostname.startsWith("[")) return part(section, "hosted").remove();
  const address = hostAddress(label, location);
  part(section, "host").href = address + (home ?? "/");
  part(section, "host").textContent = address.split("//")[1];
}

function buildSection(service, jaegerUrl) {
  const section = copy("service");
  section.id = service.name;
  for (const name of ["title", "summary", "prefix"]) part(section, name).textContent = service[name];
  part(section, "title").id = `${service.name}-title`;
  section.setAttribute("aria-labelledby", `${service.name}-title`);
  part(section, "links").append(...linksOf(service));
  showHost(section, service.hosts ?? [], service.home);
  if (service.examples?.length) section.append(new Tryout(service, jaegerUrl).form);
  return section;
}

function showState(root, holder, state) {
  holder.dataset.state = state;
  part(root, "state").textContent = LABELS[state];
  draw(part(root, "icon"), state);
}

/** Moves the oldest tick to the end and makes it the newest. */
function remember(history, state) {
  const tick = history.firstElementChild;
  tick.dataset.state = state;
  history.append(tick);
}

/** A service's card and section, and `show` for each new state; the version is read anew whenever it becomes ready. */
export function buildService(service, jaegerUrl) {
  const card = buildCard(service);
  const section = buildSection(service, jaegerUrl);

  async function showVersion() {
    part(section, "version").textContent = (await versionOf(service).catch(() => null)) ?? "–";
  }

  function show({ state, elapsed }) {
    if (state === "ready" && card.dataset.state !== "ready" && service.openapi) showVersion();
    showState(card, card, state);
    showState(section, part(section, "badge"), state);
    part(card, "latency").textContent = state === "ready" ? duration(elapsed) : "";
    remember(part(card, "history"), state);
  }

  return { card, section, show };
}
