// One message as Telegram draws it.
import { state } from "./api.js";
import { button, node } from "./dom.js";
import { language, word } from "./words.js";

const TAGS = {
  bold: "b",
  italic: "i",
  underline: "u",
  strikethrough: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  expandable_blockquote: "details",
  text_link: "a",
};
/** They begin and end lines by themselves. */
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
const URL_IN_TEXT = /(https?:\/\/[^\s]+)/;
const SUMMARY_LENGTH = 70;
const KILOBYTE = 1024;

/** The text with its entities, which may lie within each other. */
export function formatted(text, entities = [], from = 0, to = text.length) {
  const made = document.createDocumentFragment();
  let place = from;
  entities.forEach((entity, number) => {
    const end = Math.min(entity.offset + entity.length, to);
    if (entity.offset < place || end <= entity.offset) return;
    const isBlock = BLOCKS.has(entity.type);
    const before = text.slice(place, entity.offset);
    made.append(...linked(isBlock ? before.replace(/\n$/, "") : before));
    const within = entities.slice(number + 1).filter((one) => one.offset < end);
    const inner = formatted(text, within, entity.offset, end);
    made.append(drawEntity(entity, text.slice(entity.offset, end), inner));
    place = isBlock && text[end] === "\n" ? end + 1 : end;
  });
  made.append(...linked(text.slice(place, to)));
  return made;
}

/** Telegram makes links of addresses. */
function linked(text) {
  return text.split(URL_IN_TEXT).map((part, place) =>
    place % 2 ? node("a", { href: part, rel: "noreferrer", target: "_blank" }, part) : part);
}

function drawEntity({ type, url }, text, inner) {
  const made = node(TAGS[type] ?? "span", { className: type });
  if (type === "expandable_blockquote") {
    made.append(node("summary", {}, `${text.split("\n")[0].slice(0, SUMMARY_LENGTH)} …`));
  }
  if (type === "text_link" && /^https?:/.test(url)) {
    Object.assign(made, { href: url, rel: "noreferrer", target: "_blank" });
  }
  made.append(inner);
  return made;
}

function rich(block) {
  if (block.type === "table") return richTable(block);
  return node("p", {}, block.text ?? "");
}

function richTable(block) {
  const rows = block.cells.map((row) => node("tr", {}, ...row.map(richCell)));
  return node("div", { className: "table", tabIndex: 0 }, node("table", {}, ...rows));
}

function richCell(cell) {
  const made = node(cell.is_header ? "th" : "td", {}, cell.text ?? "");
  made.className = cell.align ?? "left";
  return made;
}

function photo(message) {
  const size = message.photo.at(-1);
  const alt = message.caption || word("photo");
  const picture = node("img", { src: `file/${size.file_id}`, alt });
  return node("a", { href: picture.src, target: "_blank", className: "photo" }, picture);
}

function documentOf({ document: file }) {
  const size = file.file_size < KILOBYTE ** 2
    ? `${Math.ceil(file.file_size / KILOBYTE)} ${word("kilobytes")}`
    : `${(file.file_size / KILOBYTE ** 2).toFixed(1)} ${word("megabytes")}`;
  return node(
    "a",
    { className: "document", href: `file/${file.file_id}`, download: file.file_name },
    node("span", { className: "icon", ariaHidden: "true" }, "📄"),
    node("span", {}, node("b", {}, file.file_name), node("small", {}, size)),
  );
}

function quote(answered) {
  const words = answered.text || answered.caption || answered.document?.file_name || word("photo");
  const made = node("div", { className: "quote" }, words);
  made.prepend(node("b", {}, answered.from.first_name));
  return made;
}

function contact({ contact: told }) {
  return node("div", {}, `👤 ${told.first_name}, +${told.phone_number}`);
}

function location({ location: { latitude, longitude } }) {
  return node("div", {}, `📍 ${latitude}, ${longitude}`);
}

/** What the message holds beside its words. */
function content(message) {
  const parts = [];
  const answered = message.reply_to_message;
  if (answered && !answered.forum_topic_created) parts.push(quote(answered));
  if (message.photo) parts.push(photo(message));
  if (message.document) parts.push(documentOf(message));
  if (message.contact) parts.push(contact(message));
  if (message.location) parts.push(location(message));
  if (message.rich_message) parts.push(...message.rich_message.blocks.map(rich));
  const text = message.text ?? message.caption;
  if (text) {
    const entities = message.entities ?? message.caption_entities;
    parts.push(node("div", { className: "words" }, formatted(text, entities)));
  }
  return parts;
}

function timeOf(message) {
  const about = { hour: "2-digit", minute: "2-digit", timeZone: state.bot.time_zone };
  const time = new Date(message.date * 1000).toLocaleTimeString(language, about);
  return node("time", {}, message.edit_date ? `${word("edited")} ${time}` : time);
}

function keyboard(message, press) {
  const rows = message.reply_markup?.inline_keyboard ?? [];
  return rows.map((row) => {
    const keys = row.map((key) => {
      const mark = key.copy_text ? "📋 " : key.url ? "↗ " : "";
      const pressed = (event) => press(message, key, event.currentTarget);
      return button(mark + key.text, pressed, { className: key.style ?? "" });
    });
    return node("div", { className: "row" }, ...keys);
  });
}

/**
 * ``press`` hears which button of the message was pressed, and its element; ``tools`` gives what is
 * put beside the time.
 */
export function drawMessage(message, { mine, press, tools }) {
  if (message.forum_topic_created) {
    const name = `${word("topic")}: ${message.forum_topic_created.name}`;
    return node("div", { className: "service" }, node("span", {}, name));
  }
  const own = message.from.id === mine;
  const bubble = node("div", { className: "bubble" });
  if (!own) bubble.append(node("div", { className: "who" }, message.from.first_name));
  bubble.append(...content(message));
  const foot = node("div", { className: "foot" }, ...tools(message, own));
  if (message.reactions?.length) {
    foot.append(node("span", { className: "reactions" }, message.reactions.join(" ")));
  }
  foot.append(timeOf(message));
  bubble.append(foot);
  const made = node("article", { className: own ? "own" : "" }, bubble);
  made.append(...keyboard(message, press));
  return made;
}
