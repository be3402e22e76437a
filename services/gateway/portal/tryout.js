/** The form to try a service with. */

import { showAnswer, showFailure } from "./answer.js";
import { exchange } from "./exchange.js";
import { readFields, showFields } from "./fields.js";
import { buildRequest, curlLine } from "./request.js";
import { copy, element, part } from "./template.js";

function choiceOf({ title }, index, group) {
  const input = element("input", { type: "radio", name: `${group} request`, value: index, checked: index === 0 });
  return element("label", {}, input, element("span", { textContent: title }));
}

async function copyText(source) {
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    getSelection().selectAllChildren(source); // plain http on a foreign host has no clipboard
    document.execCommand("copy");
  }
}

/** A service's examples, one of them chosen, and the answer to it. */
export class Tryout {
  #service;
  #jaegerUrl;
  #example;

  constructor(service, jaegerUrl) {
    this.#service = service;
    this.#jaegerUrl = jaegerUrl;
    this.form = copy("tryout");
    this.form.setAttribute("aria-label", `Try ${service.title}`);
    this.#part("body").setAttribute("aria-label", `Answer of ${service.title}`);
    this.#part("choices").append(...service.examples.map((example, index) => choiceOf(example, index, service.name)));
    this.#listen();
    this.#choose(0);
  }

  #part(name) {
    return part(this.form, name);
  }

  #listen() {
    this.#part("choices").addEventListener("change", ({ target }) => this.#choose(target.value));
    this.#part("copy").addEventListener("click", () => this.#copy());
    this.#part("fields").addEventListener("input", () => this.#preview());
    this.#part("fields").addEventListener("keydown", ({ key, ctrlKey, metaKey }) => {
      if (key === "Enter" && (ctrlKey || metaKey)) this.form.requestSubmit();
    });
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  #request() {
    const { values, body } = readFields(this.#part("fields"));
    return buildRequest(this.#service.prefix, this.#example, values, body);
  }

  #choose(index) {
    this.#example = this.#service.examples[index];
    showFields(this.#part("fields"), this.#example);
    this.#preview();
  }

  #preview() {
    const request = this.#request();
    this.#part("method").textContent = request.method;
    this.#part("url").textContent = request.url;
    this.#part("curl").textContent = curlLine(request, location.origin);
  }

  async #send() {
    if (this.form.ariaBusy === "true") return;
    this.form.ariaBusy = "true";
    try {
      showAnswer(this.#part("answer"), await exchange(this.#request()), this.#jaegerUrl);
    } catch (error) {
      showFailure(this.#part("answer"), error);
    }
    this.form.ariaBusy = "false";
  }

  async #copy() {
    await copyText(this.#part("curl"));
    this.#part("copied").textContent = "Copied";
    setTimeout(() => { this.#part("copied").textContent = "Copy"; }, 2000);
  }
}
