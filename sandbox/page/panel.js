// What a person cannot do in Telegram: faults, the bot's process, its clock, ASKUE, made-up data.
import { act, chatOf, STAFF_CHAT, state } from "./api.js";
import { at, button, fillSelect, node } from "./dom.js";
import { language, word } from "./words.js";

const TELEGRAM = ["ok", "429", "500", "down"];
const ASKUE_SECONDS = [0, 3, 10, 30];
const ASKUE_FAULTS = [
  "", "busy", "down", "away", "forbidden", "reset", "html", "huge", "none", "many", "old",
  "nulls", "absurd",
];
const HOUR_MS = 3_600_000;
const STEPS = [[1, "hour"], [24, "day"], [168, "week"]];

export class Panel {
  /** ``consumer`` tells whose phone is shown. */
  constructor(consumer) {
    this.consumer = consumer;
    /** What was chosen and is not in ``state`` yet, by the name of the switch. */
    this.pending = new Map();
    setInterval(() => this.drawClock(), 1000);
  }

  build() {
    at("switches").replaceChildren(
      this.samples(),
      this.telegram(),
      this.toggles(),
      this.bot(),
      this.clock(),
      this.askue(),
    );
  }

  samples() {
    this.fill = button("", () => act("samples"), { className: "main", id: "samples" });
    this.filled = node("p", { role: "status" });
    return group("samples", this.fill, this.filled);
  }

  telegram() {
    this.choices = TELEGRAM.map((fault) => {
      const field = node("input", { type: "radio", name: "telegram", value: fault });
      field.onchange = () => this.choose("telegram", fault, () => act("telegram", { fault }));
      return field;
    });
    const labels = this.choices.map((field) => label(field, word(`telegram-${field.value}`)));
    return group("telegram", ...labels);
  }

  toggles() {
    this.mail = this.toggle("mail", (broken) => act("mail", { broken }));
    this.block = this.toggle("block", (blocked) => act("block", { user: this.consumer(), blocked }));
    this.forum = this.toggle("forum", (forum) => act("forum", { forum }));
    this.blockWords = node("span");
    return group(
      "people",
      label(this.mail, word("mailDown")),
      node("label", {}, this.block, this.blockWords),
      label(this.forum, word("forum")),
    );
  }

  bot() {
    this.process = node("p");
    return group(
      "process",
      button(word("restart"), () => act("bot", { kill: false })),
      button(word("kill"), () => act("bot", { kill: true }), { className: "danger" }),
      this.process,
    );
  }

  clock() {
    this.time = node("output");
    const steps = STEPS.map(([hours, name]) => button(word(name), () => act("time", { hours })));
    return group("clock", this.time, ...steps, node("p", {}, word("clockHelp")));
  }

  askue() {
    this.seconds = node("select");
    this.fault = node("select");
    const seconds = ASKUE_SECONDS.map((one) => [one, `${one} ${word("seconds")}`]);
    fillSelect(this.seconds, seconds);
    fillSelect(this.fault, ASKUE_FAULTS.map((one) => [one, word(`askue-${one || "ok"}`)]));
    const tell = () => act("askue", { seconds: this.seconds.value, fault: this.fault.value });
    this.seconds.onchange = tell;
    this.fault.onchange = tell;
    return group(
      "askue",
      node("label", {}, word("askueSeconds"), this.seconds),
      node("label", {}, word("askueFault"), this.fault),
      node("p", {}, word("askueHelp")),
    );
  }

  toggle(name, send) {
    const field = node("input", { type: "checkbox" });
    field.onchange = () => this.choose(name, field.checked, () => send(field.checked));
    return field;
  }

  /** Shows what was chosen until the server tells of it: a state sent before does not undo it. */
  async choose(name, value, send) {
    this.pending.set(name, value);
    try {
      await send();
    } catch (error) {
      this.pending.delete(name);
      throw error;
    }
  }

  latest(name, told) {
    if (this.pending.get(name) === told) this.pending.delete(name);
    return this.pending.has(name) ? this.pending.get(name) : told;
  }

  draw() {
    const { faults, bot, samples } = state;
    const fault = this.latest("telegram", faults.telegram);
    for (const field of this.choices) field.checked = field.value === fault;
    this.mail.checked = this.latest("mail", faults.mail);
    const consumer = chatOf(this.consumer());
    this.block.checked = this.latest("block", Boolean(consumer?.blocked));
    this.blockWords.textContent = `${consumer?.first_name ?? ""} ${word("blocks")}`;
    this.forum.checked = this.latest("forum", Boolean(chatOf(STAFF_CHAT)?.is_forum));
    this.process.textContent =
      `${word("starts")}: ${bot.starts}; ${word("waiting")}: ${bot.waiting}`;
    this.seconds.value = faults.askue.seconds;
    this.fault.value = faults.askue.fault;
    this.fill.disabled = samples.state === "filling";
    this.fill.textContent = word(samples.state === "filling" ? "filling" : "fill");
    const told = word(`samples-${samples.state}`);
    this.filled.textContent = told.replace("{password}", samples.password);
    this.drawClock();
  }

  drawClock() {
    if (!state.bot) return;
    const now = new Date(Date.now() + state.bot.hours_ahead * HOUR_MS);
    this.time.textContent = now.toLocaleString(language, {
      dateStyle: "long",
      timeStyle: "medium",
      timeZone: state.bot.time_zone,
    });
  }
}

function group(name, ...inside) {
  return node("fieldset", {}, node("legend", {}, word(`group-${name}`)), ...inside);
}

function label(field, text) {
  return node("label", {}, field, node("span", {}, text));
}
