// Building blocks of the page. Texts only ever become text nodes.

/** An element with these properties and contents. */
export function node(tag, about = {}, ...inside) {
  const made = Object.assign(document.createElement(tag), about);
  made.append(...inside);
  return made;
}

/** A button that never submits the form around it. */
export function button(text, onclick, about = {}) {
  return node("button", { type: "button", onclick, ...about }, text);
}

/** An element with a name for those who do not see it. */
export function named(made, label) {
  made.setAttribute("aria-label", label);
  return made;
}

export function at(id) {
  return document.getElementById(id);
}

/** Fills a select with [value, text] pairs and keeps what was chosen. */
export function fillSelect(select, pairs) {
  const key = JSON.stringify(pairs);
  if (select.dataset.key === key) return;
  const { value } = select;
  select.dataset.key = key;
  select.replaceChildren(...pairs.map(([id, text]) => node("option", { value: id }, text)));
  if (pairs.some(([id]) => String(id) === value)) select.value = value;
}
