
"use strict";
const live = document.getElementById("live");
const callers = document.getElementById("callers");
const total = document.getElementById("total");
const units = [["day", 86400], ["hour", 3600], ["minute", 60]];
const relative = new Intl.RelativeTimeFormat("en");

function ago(instant) {
  const seconds = Math.max(0, (Date.now() - new Date(instant)) / 1000);
  for (const [unit, length] of units) {
    if (seconds >= length) return relative.format(-Math.floor(seconds / length), unit);
  }
  return "just now";
}

function refresh() {
  for (const time of document.querySelectorAll("time")) time.textContent = ago(time.dateTime);
}

function timeOf(instant) {
  const time = document.createElement("time");
  time.dateTime = instant;
  time.title = instant;
  return time;
}

function welcome({ ip, first_seen: seen }) {
  if ([...callers.rows].some((row) => row.cells[0].textContent === ip)) return;
  const row = callers.insertRow(0);
  for (const content of [ip, timeOf(seen), timeOf(seen), "1"]) row.insertCell().append(content);
  row.className = "new";
  row.cells[0].className = "address";
  row.cells[3].className = "number";
  if (callers.rows.length > 20) callers.deleteRow(-1);
  total.textContent = (Number(total.textContent.replaceAll(",", "")) + 1).toLocaleString("en");
  refresh();
}

function listen() {
  const events = new EventSource(document.getElementById("script").dataset.events);
  events.addEventListener("open", () => { live.textContent = "live"; live.hidden = false; });
  events.addEventListener("error", () => { live.hidden = true; });
  events.addEventListener("address", (event) => welcome(JSON.parse(event.data)));
  addEventListener("pagehide", () => events.close());
}

refresh();
setInterval(refresh, 10000);
listen();
