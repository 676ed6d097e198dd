// One message as Telegram draws it. Texts only ever become text nodes.
import { language, word } from "./words.js";
export function node(tag, about = {}, ...inside) {
  const made = Object.assign(document.createElement(tag), about);
  made.append(...inside);
  return made;
}
const TAGS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "code", spoiler: "span",
  blockquote: "blockquote", expandable_blockquote: "details", text_link: "a" };
export function formatted(text, entities = [], from = 0, to = text.length) {
  const made = document.createDocumentFragment();
  let place = from;
  for (let i = 0; i < entities.length; i++) {
    const { offset, length, type, url } = entities[i];
    const end = Math.min(offset + length, to);
    if (offset < place || end <= offset) continue;
    made.append(text.slice(place, offset));
    const inner = formatted(text, entities.slice(i + 1).filter((one) => one.offset < end), offset, end);
    const shown = node(TAGS[type] || "span");
    if (type === "expandable_blockquote") shown.append(node("summary", {}, text.slice(offset, end).split("\n")[0].slice(0, 60) + " …"));
    if (type === "text_link" && /^https?:/.test(url)) Object.assign(shown, { href: url, rel: "noreferrer", target: "_blank" });
    shown.append(inner);
    made.append(shown);
    place = end;
  }
  made.append(text.slice(place, to));
  return made;
}
function rich(part) {
  if (typeof part === "string") return document.createTextNode(part);
  if (Array.isArray(part)) { const all = document.createDocumentFragment(); for (const one of part) all.append(rich(one)); return all; }
  if (part === null || typeof part !== "object") return document.createTextNode("");
  if (part.type === "table" || part.cells) {
    const table = node("table");
    for (const row of part.cells || part.rows || []) {
      const cells = (Array.isArray(row) ? row : row.cells || []).map((one) => node(one.is_header ? "th" : "td", {}, rich(one.text ?? one)));
      table.append(node("tr", {}, ...cells));
    }
    return table;
  }
  return node(part.type === "bold" ? "b" : "div", {}, rich(part.text ?? part.blocks ?? part.caption ?? ""));
}
export function drawMessage(message, { mine, press, tools }) {
  const own = message.from.id === mine;
  const made = node("article", { className: own ? "own" : "" });
  if (!own) made.append(node("div", { className: "who" }, message.from.first_name));
  const answered = message.reply_to_message;
  if (answered && !answered.forum_topic_created) made.append(node("div", { className: "quote" }, answered.text || answered.caption || answered.document?.file_name || "…"));
  const photo = message.photo?.at(-1);
  if (photo) made.append(node("img", { src: `file/${photo.file_id}`, alt: message.caption || "фото" }));
  if (message.document) made.append(node("a", { href: `file/${message.document.file_id}`, download: message.document.file_name || "file" }, `📄 ${message.document.file_name || "file"}`));
  if (message.contact) made.append(node("div", {}, `👤 +${message.contact.phone_number}`));
  if (message.forum_topic_created) made.append(node("i", {}, `${word("topic")}: ${message.forum_topic_created.name}`));
  if (message.rich_message) made.append(rich(message.rich_message.blocks || message.rich_message));
  const text = message.text ?? message.caption;
  if (text) made.append(node("div", { className: "words" }, formatted(text, message.entities || message.caption_entities)));
  if (message.reactions?.length) made.append(node("span", {}, message.reactions.join(" ")));
  const time = new Date(message.date * 1000).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit" });
  made.append(node("time", {}, message.edit_date ? `✎ ${time}` : time));
  for (const row of message.reply_markup?.inline_keyboard || []) {
    const drawn = node("div", { className: "row" });
    for (const button of row) drawn.append(node("button", { type: "button", className: button.style || "", onclick: () => press(message, button) }, button.text));
    made.append(drawn);
  }
  made.append(tools(message, own));
  return made;
}
