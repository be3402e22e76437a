// Images come into the text from the disk, the clipboard or a drop. The form works without.
const form = document.querySelector("form[data-images]");
const text = form.elements.body;
const button = form.querySelector(".attach button");
const told = form.querySelector(".attach [role=status]");
const picker = Object.assign(document.createElement("input"), { type: "file", accept: "image/*", multiple: true });
const PLACEHOLDER = "what it shows";

async function send(file) {
  const body = new FormData();
  body.append("csrf_token", form.elements.csrf_token.value);
  body.append("file", file);
  const answer = await fetch(form.dataset.images, { method: "POST", body, headers: { Accept: "application/json" } });
  const document = await answer.json().catch(() => ({}));
  if (!answer.ok || !document.markdown) throw new Error(document.detail ?? "The image could not be stored.");
  return document.markdown;
}

function insert(markdown) {
  text.focus();
  text.setRangeText(markdown.replace("![]", `![${PLACEHOLDER}]`), text.selectionStart, text.selectionEnd, "end");
  const start = text.selectionEnd - markdown.length - PLACEHOLDER.length + 2;
  text.setSelectionRange(start, start + PLACEHOLDER.length);
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

async function add(files) {
  const images = [...files].filter((file) => file.type.startsWith("image/"));
  for (const file of images) {
    told.textContent = "Uploading …";
    try {
      insert(await send(file));
      told.textContent = "Added. Say what the image shows.";
    } catch (error) {
      told.textContent = error instanceof TypeError ? "There is no connection." : error.message;
    }
  }
  return images.length > 0;
}

button.hidden = false;
button.addEventListener("click", () => picker.click());
picker.addEventListener("change", () => add(picker.files).then(() => (picker.value = "")));
text.addEventListener("paste", (event) => {
  if (event.clipboardData.files.length) {
    event.preventDefault();
    add(event.clipboardData.files);
  }
});
for (const type of ["dragover", "dragleave", "drop"]) {
  text.addEventListener(type, (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    text.classList.toggle("dropping", type === "dragover");
    if (type === "drop") add(event.dataTransfer.files);
  });
}
