// The topics of the staff group, the newest first; one of them may be shown alone.
import { chatOf, messagesOf, STAFF_CHAT } from "./api.js";
import { button, node } from "./dom.js";
import { word } from "./words.js";

const WORDS_LENGTH = 60;

export class Topics {
  /** ``onChoice`` draws the page, and the topics with it, when another one is chosen. */
  constructor(list, onChoice) {
    this.list = list;
    this.onChoice = onChoice;
    this.chosen = null;
    // The buttons by topic; null is all topics.
    this.buttons = new Map();
  }

  draw() {
    const { topics, is_forum: isForum } = chatOf(STAFF_CHAT);
    const known = Object.entries(topics);
    this.list.hidden = !isForum && known.length === 0;
    this.show(null, word("allTopics"));
    for (const [thread, { name, closed }] of known) {
      const id = Number(thread);
      this.show(id, closed ? `🔒 ${name}` : name, node("small", {}, last(id)));
    }
  }

  /** A button stays where it is while others come: a click on it is not lost. */
  show(id, ...inside) {
    let shown = this.buttons.get(id);
    if (!shown) {
      shown = button("", () => this.choose(id));
      this.buttons.set(id, shown);
      if (id === null) this.list.append(shown);
      else this.buttons.get(null).after(shown);
    }
    shown.replaceChildren(...inside);
    shown.setAttribute("aria-current", String(id === this.chosen));
  }

  choose(id) {
    this.chosen = id;
    this.onChoice();
  }
}

/** The newest words in a topic. */
function last(id) {
  const message = messagesOf(STAFF_CHAT).findLast((one) => one.message_thread_id === id);
  return (message?.text ?? message?.caption ?? "").slice(0, WORDS_LENGTH);
}
