// The mailbox of everybody.
import { state } from "./api.js";
import { at, button, node } from "./dom.js";
import { language, word } from "./words.js";

const BOT_LINK = /^https:\/\/t\.me\/\w+(?:\?start=)?([\w-]*)$/;

export class Post {
  /** ``start`` sends the command by which Telegram opens a link to the bot. */
  constructor(start) {
    this.start = start;
    this.opened = -1;
    this.asHtml = true;
    this.drawn = "";
    at("view").onclick = () => {
      this.asHtml = !this.asHtml;
      this.draw();
    };
  }

  open(number) {
    this.opened = number;
    this.draw();
  }

  draw() {
    const { mails } = state;
    const key = `${mails.length} ${this.opened} ${language} ${this.asHtml}`;
    if (key === this.drawn) return;
    this.drawn = key;
    at("view").textContent = word(this.asHtml ? "asText" : "asHtml");
    at("view").hidden = this.opened < 0;
    this.drawList(mails);
    at("letter").replaceChildren(this.letter(mails[this.opened]), ...this.attachments(mails));
  }

  drawList(mails) {
    const focused = at("letters").contains(document.activeElement);
    const items = mails.map((mail, number) => {
      const one = button("", () => this.open(number));
      one.append(node("b", {}, mail.subject), node("small", {}, mail.to));
      one.setAttribute("aria-current", String(number === this.opened));
      return node("li", {}, one);
    });
    at("letters").replaceChildren(...items.reverse());
    if (focused) at("letters").querySelector("[aria-current=true]")?.focus();
  }

  letter(mail) {
    if (!mail) {
      return node("p", { className: "empty" }, word(state.mails.length ? "chooseMail" : "noMail"));
    }
    if (!this.asHtml) return node("pre", {}, mail.text);
    const frame = node("iframe", { src: `mail/${this.opened}`, title: mail.subject });
    // Nothing in it runs; the page only hears of clicks on its links.
    frame.setAttribute("sandbox", "allow-same-origin");
    frame.onload = () => {
      frame.contentDocument.onclick = (event) => this.openLink(event);
    };
    return frame;
  }

  /** A link to the bot is opened as Telegram does; no other one is. */
  openLink(event) {
    const link = event.target.closest("a");
    if (!link) return;
    event.preventDefault();
    const [, payload] = link.href.match(BOT_LINK) ?? [];
    if (payload !== undefined) this.start(`/start ${payload}`.trim());
  }

  attachments(mails) {
    return (mails[this.opened]?.attachments ?? []).map((name, number) =>
      node(
        "a",
        { className: "document", href: `mail/${this.opened}/${number}`, download: name },
        node("span", { className: "icon", ariaHidden: "true" }, "📄"),
        node("b", {}, name),
      ));
  }
}
