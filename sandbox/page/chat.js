// One chat: who it is with, its log, and what the bot is doing there.
import { chatOf, messagesOf } from "./api.js";
import { Composer } from "./composer.js";
import { button } from "./dom.js";
import { drawMessage } from "./message.js";
import { language, word } from "./words.js";

const NEAR_THE_END = 80;

export class Chat {
  /**
   * ``id`` and ``user`` tell which chat is shown and who writes in it, ``topic`` the topic that is
   * shown, if any. ``staff``: it is the group.
   */
  constructor(section, { id, user, topic = () => null, staff = false }) {
    Object.assign(this, { section, id, user, topic, staff });
    this.log = section.querySelector(".log");
    this.pinned = section.querySelector(".pinned");
    this.doing = section.querySelector(".doing");
    this.drawn = new Map();
    this.composer = new Composer(this, section.querySelector("form"));
    this.takeDrops();
    this.keepEnd();
    this.build();
  }

  /** Makes what depends on the language. */
  build() {
    this.composer.build();
    this.log.setAttribute("aria-label", word("messages"));
    this.log.dataset.empty = word(this.staff ? "emptyGroup" : "emptyPhone");
  }

  who() {
    return { chat: this.id(), user: this.user() };
  }

  messages() {
    const topic = this.topic();
    const all = messagesOf(this.id());
    return topic === null ? all : all.filter((one) => one.message_thread_id === topic);
  }

  /** The newest message stays in sight when the log becomes smaller. */
  keepEnd() {
    this.follows = true;
    this.log.onscroll = () => {
      const { scrollHeight, scrollTop, clientHeight } = this.log;
      this.follows = scrollHeight - scrollTop - clientHeight < NEAR_THE_END;
    };
    new ResizeObserver(() => this.follows && this.toEnd()).observe(this.log);
  }

  takeDrops() {
    const { section } = this;
    section.ondragover = (event) => {
      event.preventDefault();
      section.classList.add("over");
    };
    section.ondragleave = () => section.classList.remove("over");
    section.ondrop = (event) => {
      event.preventDefault();
      section.classList.remove("over");
      this.composer.drop([...event.dataTransfer.files]);
    };
  }

  draw() {
    const shown = this.messages();
    const place = `${this.id()} ${this.topic()}`;
    this.follows ||= this.place !== place;
    this.place = place;
    const { follows } = this;
    this.drawLog(shown);
    this.drawPinned(shown);
    this.drawDoing();
    this.composer.draw(shown, chatOf(this.id()));
    if (follows) this.toEnd();
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    // Pictures take their place only once they are loaded.
    for (const picture of this.log.querySelectorAll("img")) {
      if (picture.complete) continue;
      picture.onload = () => this.log.scrollTo(0, this.log.scrollHeight);
    }
  }

  /** Draws only what is new or changed: the focus, and what is being read, stay. */
  drawLog(shown) {
    const fresh = new Map();
    for (const message of shown) fresh.set(message.message_id, this.drawOne(message));
    for (const [id, old] of this.drawn) {
      if (!fresh.has(id)) old.node.remove();
    }
    let place = this.log.firstChild;
    for (const { node } of fresh.values()) {
      if (place === node) place = place.nextSibling;
      else this.log.insertBefore(node, place);
    }
    this.drawn = fresh;
  }

  drawOne(message) {
    const key = `${JSON.stringify(message)} ${this.user()} ${language}`;
    const old = this.drawn.get(message.message_id);
    if (old?.key === key) return old;
    const made = drawMessage(message, {
      mine: this.user(),
      press: (...pressed) => this.composer.press(...pressed),
      tools: (one, own) => this.tools(one, own),
    });
    const focused = old ? buttonsOf(old.node).indexOf(document.activeElement) : -1;
    old?.node.replaceWith(made);
    if (focused >= 0) (buttonsOf(made)[focused] ?? this.composer.input).focus();
    return { key, node: made };
  }

  /** The newest pinned message as a button that leads to it. */
  drawPinned(shown) {
    const id = chatOf(this.id())?.pinned.at(-1);
    const message = shown.find((one) => one.message_id === id);
    this.pinned.hidden = !message;
    if (!message) return;
    const words = `📌 ${(message.text ?? message.caption ?? word("pinned")).split("\n")[0]}`;
    if (this.pinned.firstChild?.textContent === words) return;
    const lead = button(words, () => this.drawn.get(id)?.node.scrollIntoView({ block: "nearest" }));
    lead.title = word("pinned");
    this.pinned.replaceChildren(lead);
  }

  tools(message, own) {
    const id = message.message_id;
    const made = [button(word("reply"), () => this.composer.aim(id, null))];
    if (own && message.text) {
      made.push(button(word("edit"), () => this.composer.aim(null, id)));
    }
    return made;
  }

  /** «печатает…», or that the consumer has blocked the bot. */
  drawDoing() {
    const chat = chatOf(this.id());
    const [action, until] = chat?.action ?? ["", 0];
    const left = until * 1000 - Date.now();
    clearTimeout(this.waiting);
    if (left > 0) this.waiting = setTimeout(() => this.drawDoing(), left);
    const doing = left > 0 ? word(action.startsWith("upload") ? "uploading" : "typing") : "";
    this.doing.textContent = chat?.blocked ? word("isBlocked") : doing || word(this.staff ? "members" : "bot");
    this.doing.classList.toggle("busy", left > 0);
  }
}

function buttonsOf(message) {
  return [...message.querySelectorAll("button")];
}
