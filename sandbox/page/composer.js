// The foot of a chat: keyboards, commands, files and the line to write in.
import { act, state, told, until, upload } from "./api.js";
import { button, named, node } from "./dom.js";
import { ask, toast } from "./toast.js";
import { language, word } from "./words.js";

/** Горно-Алтайск, as all the examples. */
const PLACE = "51.9581, 85.9603";
const LONGEST = 4096;
const ALBUM = 10;
const NOTE_LENGTH = 60;
const IMAGES = /^image\/(jpeg|png)$/;

export class Composer {
  /** ``chat`` tells who writes and where. */
  constructor(chat, form) {
    this.chat = chat;
    this.form = form;
    this.reply = null;
    this.editing = null;
    form.onsubmit = (event) => {
      event.preventDefault();
      this.submit();
    };
  }

  /** Makes the parts, with the words of the present language. */
  build() {
    this.keys = node("div", { className: "keyboard" });
    this.note = node("div", { className: "replying" });
    this.input = named(
      node("textarea", { rows: 1, placeholder: word("write"), maxLength: LONGEST }),
      word("write"),
    );
    this.input.onkeydown = (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      this.form.requestSubmit();
    };
    this.menu = button("☰", () => open(`app?user=${this.chat.user()}`, "_blank", "noreferrer"));
    this.commands = node("details", { className: "commands" });
    this.commands.onkeydown = (event) => {
      if (event.key === "Escape") this.closeCommands();
    };
    const line = node(
      "div",
      { className: "line" },
      this.menu,
      this.commands,
      ...this.picker("📎", word("attach"), false),
      ...this.picker("🖼", word("photos"), true),
      this.pin(),
      this.input,
      named(node("button", { className: "main", title: word("send") }, "➤"), word("send")),
    );
    this.body = node("div", {}, this.keys, this.note, line);
    this.unblock = button(word("unblock"), () => this.restart(), { className: "main wide" });
    this.form.replaceChildren(this.body, this.unblock);
    this.drawnKeys = null;
    this.drawnCommands = null;
  }

  picker(sign, title, photo) {
    const field = node("input", { type: "file", multiple: true, hidden: true });
    if (photo) field.accept = "image/jpeg,image/png";
    field.onchange = () => {
      this.attach([...field.files], photo);
      field.value = "";
    };
    return [named(button(sign, () => field.click(), { title }), title), field];
  }

  /** Telegram's «Геопозиция»; the staff have no use for it. */
  pin() {
    const send = async () => {
      const place = await ask(word("place"), PLACE, word("send"));
      const [latitude, longitude] = (place ?? "").split(",").map(Number);
      if (place) await act("location", { user: this.chat.user(), latitude, longitude });
    };
    const made = named(button("📍", send, { title: word("location") }), word("location"));
    made.hidden = this.chat.staff;
    return made;
  }

  async submit() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    if (this.editing) {
      await act("edit", { ...this.chat.who(), message: this.editing, text });
    } else {
      await this.say(text);
    }
    this.aim(null, null);
  }

  async say(text) {
    await act("say", { ...this.chat.who(), text, reply: this.target() });
  }

  /** Files that were chosen or dropped; more than ten become several albums. */
  async attach(files, photo) {
    const { chat, user } = this.chat.who();
    for (let first = 0; first < files.length; first += ALBUM) {
      const album = files.slice(first, first + ALBUM);
      await upload(chat, user, album, { photo, reply: this.target() });
    }
    this.aim(null, null);
  }

  async drop(files) {
    await this.attach(files, files.length > 0 && files.every((one) => IMAGES.test(one.type)));
  }

  /** What is answered: a message, or the topic that is shown. */
  target() {
    return this.reply ?? this.chat.topic();
  }

  /** The next text answers a message, or takes its place. */
  aim(reply, editing) {
    this.reply = reply;
    this.editing = editing;
    const aimed = this.chat.messages().find((one) => one.message_id === (reply ?? editing));
    this.note.replaceChildren();
    if (!aimed) return;
    const words = (aimed.text ?? aimed.caption ?? word("photo")).slice(0, NOTE_LENGTH);
    this.note.append(
      node("span", {}, `${word(reply ? "reply" : "edit")}: ${words}`),
      button(word("cancel"), () => this.aim(null, null)),
    );
    if (editing) this.input.value = aimed.text ?? "";
    this.input.focus();
  }

  async press(message, key, element) {
    if (key.copy_text) {
      await navigator.clipboard?.writeText(key.copy_text.text).catch(() => {});
      toast(this.chat.section, `${word("copied")}: ${key.copy_text.text}`);
    } else if (key.url) {
      if (/^https?:/.test(key.url)) open(key.url, "_blank", "noreferrer");
    } else {
      const { message_id: id } = message;
      element.classList.add("waiting");
      await told(() => act("press", { ...this.chat.who(), message: id, data: key.callback_data }));
      await until(() => state.bot.waiting === 0);
      element.classList.remove("waiting");
    }
  }

  /** Who has blocked the bot can only take it back. */
  async restart() {
    await act("block", { user: this.chat.user(), blocked: false });
    this.input.focus();
  }

  draw(shown, { commands = [], menu = null, blocked = false } = {}) {
    this.body.hidden = blocked;
    // Telegram's menu button, when it opens a Mini App.
    this.menu.hidden = menu?.type !== "web_app";
    named(this.menu, menu?.text ?? "").title = menu?.text ?? "";
    this.unblock.hidden = !blocked;
    this.drawKeyboard(shown);
    this.drawCommands(commands);
  }

  /** The reply keyboard that was sent last, or the button that starts the bot. */
  drawKeyboard(shown) {
    const isReply = ({ reply_markup: markup }) => markup?.keyboard || markup?.remove_keyboard;
    const last = shown.findLast(isReply)?.reply_markup;
    const start = [[{ text: "/start", label: word("start") }]];
    const rows = last?.keyboard ?? (this.chat.staff || shown.length ? [] : start);
    const key = JSON.stringify(rows);
    if (key === this.drawnKeys) return;
    this.drawnKeys = key;
    const drawn = rows.map((row) => {
      const keys = row.map((one) => {
        const about = { className: one.style ?? "" };
        return button(one.label ?? one.text, () => this.pressPlain(one), about);
      });
      return node("div", { className: "row" }, ...keys);
    });
    this.keys.replaceChildren(...drawn);
  }

  async pressPlain(key) {
    if (key.request_contact) await act("contact", { user: this.chat.user() });
    else await this.say(key.text);
  }

  drawCommands(commands) {
    const key = JSON.stringify(commands) + language;
    if (key === this.drawnCommands) return;
    this.drawnCommands = key;
    const items = commands.map(({ command, description }) => {
      const words = node("span", {}, node("b", {}, `/${command}`), ` ${description}`);
      const run = async () => {
        this.closeCommands();
        await this.say(`/${command}`);
      };
      return node("li", {}, button(words, run));
    });
    const summary = named(node("summary", { title: word("commands") }, "/"), word("commands"));
    this.commands.replaceChildren(summary, node("ul", {}, ...items));
    this.commands.hidden = commands.length === 0;
  }

  closeCommands() {
    this.commands.open = false;
    this.input.focus();
  }
}
