/** Copies of the page's templates and the parts in them. */

export const copy = (id) => document.getElementById(id).content.firstElementChild.cloneNode(true);

export const part = (root, name) => root.querySelector(`[data-part="${name}"]`);

export function draw(icon, name) {
  icon.firstElementChild.setAttribute("href", `icons.svg#${name}`);
}

/** A new element with its properties set; text goes in as text, never as markup. */
export function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
