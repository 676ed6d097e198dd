// Answers to presses: a line that passes, or a box that waits to be closed.
import { button, named, node } from "./dom.js";
import { word } from "./words.js";

const SHOWN_MS = 4000;

export function toast(section, text) {
  const line = node("div", { className: "toast" }, text);
  section.querySelector(".toasts").append(line);
  setTimeout(() => line.remove(), SHOWN_MS);
}

export function box(text) {
  const dialog = named(node("dialog", {}, node("p", {}, text)), text);
  const close = button(word("understood"), () => dialog.close(), { className: "main" });
  dialog.append(close);
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
}

/** Asks for a line of text; null when it is not given. ``yes`` are the words of the button. */
export function ask(question, suggestion, yes) {
  return new Promise((answered) => {
    const field = node("input", { value: suggestion, required: true, maxLength: 64 });
    const form = node(
      "form",
      { method: "dialog" },
      node("label", {}, question, field),
      node("button", { className: "main", value: "ok" }, yes),
      button(word("cancel"), () => dialog.close()),
    );
    const dialog = named(node("dialog", {}, form), question);
    dialog.onclose = () => {
      dialog.remove();
      answered(dialog.returnValue === "ok" ? field.value.trim() || null : null);
    };
    document.body.append(dialog);
    dialog.showModal();
    field.select();
  });
}
