/** The fields of an example: labelled controls and their values. */

import { placeOf } from "./request.js";
import { element } from "./template.js";

const BODY = "request body";

function controlOf({ type = "text", options = [] }) {
  if (type === "select") {
    const choices = options.map((value) => element("option", { value, textContent: value || "(none)" }));
    return element("select", {}, ...choices);
  }
  if (type === "textarea") return element("textarea", { spellcheck: false });
  return element("input", { type, spellcheck: false });
}

function labelled(field, required) {
  const control = Object.assign(controlOf(field), { name: field.name, required });
  control.value = field.value ?? "";
  if (field.type === "textarea") control.rows = Math.min(control.value.split("\n").length + 1, 12);
  const className = field.type === "textarea" ? "wide" : "";
  return element("label", { className }, element("span", { textContent: field.label ?? field.name }), control);
}

/** Replaces what is in `root` by the controls of an example; a part of the path cannot be left out. */
export function showFields(root, example) {
  const fields = (example.fields ?? []).map((field) => labelled(field, placeOf(field, example) === "path"));
  if (example.body != null) fields.push(labelled({ name: BODY, label: "Body", type: "textarea", value: example.body }));
  root.replaceChildren(...fields);
}

/** What is typed: `{values, body}`, by field name and as a whole. */
export function readFields(root) {
  const typed = [...root.querySelectorAll("[name]")].map(({ name, value }) => [name, value]);
  const { [BODY]: body, ...values } = Object.fromEntries(typed);
  return { values, body };
}
