"use strict";
const form = document.querySelector("form");
const byId = (id) => document.getElementById(id);

async function shout(text, unit) {
  const response = await fetch(`${form.dataset.api}?unit=${unit}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify({ data: text }),
  });
  const body = await response.json();
  if (!response.ok) throw new Error(body.detail ?? body.title);
  return { text: body, source: response.headers.get("Shout-Source") };
}

function show({ text, source }) {
  byId("shouted").textContent = text;
  byId("source").textContent = source;
  byId("source").className = source;
  byId("origin").textContent = form.dataset[source];
  byId("answer").hidden = false;
}

async function submit(event) {
  event.preventDefault();
  if (event.submitter.name === "text") byId("text").value = event.submitter.value;
  byId("go").setAttribute("aria-busy", "true");
  byId("fault").hidden = true;
  try {
    show(await shout(byId("text").value, new FormData(form).get("unit")));
  } catch (error) {
    byId("fault").textContent = error.message;
    byId("fault").hidden = false;
  } finally {
    byId("go").removeAttribute("aria-busy");
  }
}

form.addEventListener("submit", submit);
