// One chat: its log, the keyboards and the line to write in.
import { act, state, upload } from "./api.js";
import { drawMessage, node } from "./message.js";
import { word } from "./words.js";
export class Chat {
  constructor(section, about) {
    Object.assign(this, about);
    this.section = section;
    this.log = section.querySelector(".log");
    this.form = section.querySelector("form");
    this.drawn = new Map();
    this.reply = this.editing = null;
    this.build();
    section.ondragover = (event) => { event.preventDefault(); section.classList.add("over"); };
    section.ondragleave = () => section.classList.remove("over");
    section.ondrop = (event) => { event.preventDefault(); section.classList.remove("over");
      const files = [...event.dataTransfer.files];
      this.attach(files, files.every((one) => /jpeg|png/.test(one.type))); };
  }
  build() {
    const input = node("textarea", { rows: 1, placeholder: word("write"), maxLength: 4096 });
    input.setAttribute("aria-label", word("write"));
    input.onkeydown = (event) => { if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); this.form.requestSubmit(); } };
    this.input = input;
    this.note = node("div", { className: "replying" });
    this.keys = node("div");
    const picker = (photo) => { const field = node("input", { type: "file", multiple: true, hidden: true, accept: photo ? "image/jpeg,image/png" : "" });
      field.onchange = () => { this.attach([...field.files], photo); field.value = ""; };
      const title = word(photo ? "photos" : "attach");
      const button = node("button", { type: "button", title, onclick: () => field.click() }, photo ? "🖼" : "📎");
      button.setAttribute("aria-label", title);
      return [button, field]; };
    this.form.replaceChildren(this.keys, this.note, node("div", { className: "line" }, ...picker(false), ...picker(true), input, node("button", { className: "main" }, word("send"))));
    this.form.onsubmit = async (event) => { event.preventDefault(); const text = input.value.trim(); if (!text) return; input.value = "";
      if (this.editing) await act("edit", { ...this.who(), message: this.editing, text }); else await this.say(text);
      this.aim(null, null); };
  }
  who() { return { chat: this.id(), user: this.user() }; }
  messages() { const all = state[`chat:${this.id()}`]?.messages || []; return this.keep ? all.filter((one) => this.keep(one)) : all; }
  async say(text) { await act("say", { ...this.who(), text, reply: this.reply || this.root?.() || null }); }
  async attach(files, photo) { if (files.length) await upload(this.id(), this.user(), files, photo, this.reply || this.root?.()); this.aim(null, null); }
  aim(reply, editing) { this.reply = reply; this.editing = editing;
    const found = this.messages().find((one) => one.message_id === (reply || editing));
    this.note.replaceChildren();
    if (!found) return;
    this.note.append(`${word(reply ? "reply" : "edit")}: ${(found.text || found.caption || "").slice(0, 60)} `, node("button", { type: "button", onclick: () => this.aim(null, null) }, word("cancel")));
    if (editing) this.input.value = found.text || "";
    this.input.focus(); }
  async press(message, button) {
    if (button.copy_text) { await navigator.clipboard?.writeText(button.copy_text.text).catch(() => {}); this.note.textContent = `${word("copied")}: ${button.copy_text.text}`; }
    else if (button.url) { if (/^https?:/.test(button.url)) open(button.url, "_blank", "noreferrer"); }
    else await act("press", { ...this.who(), message: message.message_id, data: button.callback_data }); }
  draw() {
    const other = this.drawnId !== this.id();
    this.drawnId = this.id();
    const near = other || this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    const shown = this.messages(), mine = this.user();
    const fresh = new Map();
    for (const message of shown) {
      const key = JSON.stringify(message) + mine + document.documentElement.lang, old = this.drawn.get(message.message_id);
      if (old?.key === key) { fresh.set(message.message_id, old); continue; }
      const focused = old && old.node.contains(document.activeElement);
      const made = drawMessage(message, { mine, press: (...all) => this.press(...all), tools: (one, own) => this.tools(one, own) });
      if (old) old.node.replaceWith(made);
      if (focused) (made.querySelector("button") || this.input).focus();
      fresh.set(message.message_id, { key, node: made });
    }
    for (const [id, old] of this.drawn) if (!fresh.has(id)) old.node.remove();
    let before = null;
    for (const { node: one } of fresh.values()) { const place = before ? before.nextSibling : this.log.firstChild; if (place !== one) this.log.insertBefore(one, place); before = one; }
    this.drawn = fresh;
    this.keyboard(shown);
    if (near) this.log.scrollTop = this.log.scrollHeight;
  }
  tools(message, own) { const made = node("div", { className: "tools" });
    if (this.staff || own) made.append(node("button", { type: "button", onclick: () => this.aim(message.message_id, null) }, word("reply")));
    if (own && message.text) made.append(node("button", { type: "button", onclick: () => this.aim(null, message.message_id) }, word("edit")));
    return made; }
  keyboard(shown) {
    const last = shown.findLast((one) => one.reply_markup?.keyboard || one.reply_markup?.remove_keyboard);
    const rows = last?.reply_markup.keyboard || (this.staff || shown.length ? [] : [[{ text: "/start", label: word("start") }]]);
    const key = JSON.stringify(rows) + document.documentElement.lang; if (key === this.keysDrawn) return; this.keysDrawn = key;
    this.keys.replaceChildren(...rows.map((row) => node("div", { className: "row" }, ...row.map((one) => node("button", { type: "button",
      onclick: () => one.request_contact ? act("contact", { user: this.user() }) : this.say(one.text) }, one.label || one.text)))));
  }
}
