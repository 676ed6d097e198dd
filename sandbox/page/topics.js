// The topics of the staff group, the newest first; one of them may be shown alone.
import { chatOf, messagesOf, STAFF_CHAT } from "./api.js";
import { button, node } from "./dom.js";
import { language, word } from "./words.js";

const WORDS_LENGTH = 60;

export class Topics {
  /** ``onChoice`` is called when another topic is chosen. */
  constructor(list, onChoice) {
    this.list = list;
    this.onChoice = onChoice;
    this.chosen = null;
    this.drawn = "";
  }

  draw() {
    const { topics, is_forum: isForum } = chatOf(STAFF_CHAT);
    const known = Object.entries(topics).reverse();
    this.list.hidden = !isForum && known.length === 0;
    const lines = known.map(([thread, topic]) => {
      const id = Number(thread);
      return { id, ...topic, last: last(id) };
    });
    const key = `${JSON.stringify(lines)} ${this.chosen} ${language}`;
    if (key === this.drawn) return;
    this.drawn = key;
    const focused = this.list.contains(document.activeElement);
    const keys = lines.map((one) => this.line(one));
    this.list.replaceChildren(this.key(null, word("allTopics")), ...keys);
    if (focused) this.list.querySelector("[aria-current=true]")?.focus();
  }

  line({ id, name, closed, last }) {
    const made = this.key(id, closed ? `🔒 ${name}` : name);
    made.append(node("small", {}, last));
    return made;
  }

  key(id, words) {
    const made = button(words, () => this.choose(id));
    made.setAttribute("aria-current", String(id === this.chosen));
    return made;
  }

  choose(id) {
    this.chosen = id;
    this.draw();
    this.onChoice();
  }
}

/** The newest words in a topic. */
function last(id) {
  const message = messagesOf(STAFF_CHAT).findLast((one) => one.message_thread_id === id);
  return (message?.text ?? message?.caption ?? "").slice(0, WORDS_LENGTH);
}
