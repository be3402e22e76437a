// Shows what is being written as readers will see it. The form works without.
const form = document.querySelector("form[data-preview]");
const shown = document.querySelector("#preview");
const text = form.elements.body;
const PAUSE = 300;
let pending = 0;
let latest = 0;

async function show() {
  const mine = ++latest;
  const body = new URLSearchParams({ body: text.value, csrf_token: form.elements.csrf_token.value });
  try {
    const answer = await fetch(form.dataset.preview, { method: "POST", body });
    const html = await answer.text();
    if (mine !== latest || !answer.ok) return;
    shown.querySelector(".prose").innerHTML = html;
    shown.hidden = text.value.trim() === "";
  } catch {
    // Without a connection the last preview stays; the next change tries again.
  }
}

text.addEventListener("input", () => {
  clearTimeout(pending);
  pending = setTimeout(show, PAUSE);
});
if (text.value.trim()) show();
