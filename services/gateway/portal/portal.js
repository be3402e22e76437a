/** The page: loads the list of services, builds each one's part and starts the checks. */

import { watch } from "./readiness.js";
import { buildService } from "./service.js";
import { element } from "./template.js";

const overview = document.getElementById("overview");
const main = document.getElementById("services");
const tally = document.getElementById("tally");

async function loadList() {
  const response = await fetch("/services.json", { cache: "no-cache" });
  if (!response.ok) throw new Error(`the gateway answered ${response.status}`);
  return response.json();
}

/** Says how many are ready; unchanged text is left alone, so that nothing is announced twice. */
function count(states) {
  const known = [...states.values()];
  const ready = known.filter((state) => state === "ready").length;
  const text = known.includes("checking") ? "Checking" : `${ready} of ${known.length} ready`;
  tally.dataset.state = known.includes("checking") ? "checking" : ready === known.length ? "ready" : "not-ready";
  if (tally.textContent !== text) tally.textContent = text;
}

/** The line from the door to the card of a service, which is one of `total` side by side. */
function drawLine(index, total) {
  const x = (100 * (index + 0.5)) / total;
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", `M50 0C50 70 ${x} 30 ${x} 100`);
  line.dataset.state = "checking";
  document.getElementById("fan").append(line);
  return line;
}

function start({ services, jaeger_url: jaegerUrl }) {
  const states = new Map(services.map(({ name }) => [name, "checking"]));
  count(states);
  services.forEach((service, index) => {
    const line = drawLine(index, services.length);
    const { card, section, show } = buildService(service, jaegerUrl);
    overview.append(card);
    main.append(section);
    watch(service.prefix, (result) => {
      states.set(service.name, result.state);
      line.dataset.state = result.state;
      show(result);
      count(states);
    });
  });
  const jaeger = document.getElementById("jaeger");
  if (jaegerUrl) Object.assign(jaeger, { href: jaegerUrl, hidden: false });
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

function fail(error) {
  const textContent = `The list of services did not load: ${error.message}. Reload the page to try again.`;
  overview.remove();
  main.append(element("p", { className: "failure", role: "alert", textContent }));
}

document.getElementById("door").textContent = location.host;
loadList().then(start).catch(fail);
