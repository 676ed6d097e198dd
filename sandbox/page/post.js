// The mailbox of everybody.
import { state } from "./api.js";
import { at, button, node } from "./dom.js";
import { language, word } from "./words.js";

export class Post {
  constructor() {
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
    // Nothing in it runs.
    frame.setAttribute("sandbox", "");
    return frame;
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
