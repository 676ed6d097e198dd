// Plays the story; it may be stopped at any step, gone on with by hand, and taken up again.
import { act, keysOf, messagesOf, STAFF_CHAT, state, told, upload } from "./api.js";
import { word } from "./words.js";

const PACE_MS = Number(new URLSearchParams(location.search).get("pace") ?? 1300);
const LOOK_MS = 100;
/** How long a step is waited for before a later one may take its place: a hand was faster. */
const OVERTAKEN_MS = 3000;
/** The same where the tour was not stopped: it is rather the machine that is slow. */
const SLOW_MS = 20_000;
const PATIENCE_MS = 45_000;

class Stopped extends Error {}

export class Tour {
  /**
   * ``show`` is called when something about the tour changes, ``select`` with the consumer whose
   * phone is to be shown, ``read`` with the number of a letter to be opened.
   */
  constructor(story, { show, select, read }) {
    Object.assign(this, { story, show, select, read });
    this.reset();
  }

  reset() {
    this.mode = "idle";
    this.place = 0;
    this.turn = 0;
    this.waitsFor = "";
  }

  /** The chapter that is played now, by its key among the words. */
  get chapter() {
    return this.story[Math.min(this.place, this.story.length - 1)].chapter;
  }

  get chapters() {
    return [...new Set(this.story.map((step) => step.chapter))];
  }

  start() {
    this.place = 0;
    return this.play();
  }

  stop() {
    this.turn += 1;
    this.to("stopped");
  }

  end() {
    this.turn += 1;
    this.place = 0;
    this.to("idle");
  }

  /** Goes on where it was stopped; ``steps``: so many, then it stops again. */
  async play(steps = Infinity) {
    this.turn += 1;
    const { turn } = this;
    this.resumed = this.mode === "stopped";
    this.to("playing");
    try {
      for (let played = 0; played < steps && this.place < this.story.length; played += 1) {
        await this.playOne(turn);
      }
      this.to(this.place < this.story.length ? "stopped" : "over");
    } catch (error) {
      if (!(error instanceof Stopped)) this.fail(error);
    }
  }

  async playOne(turn) {
    const found = await this.look(turn);
    this.place = found.place;
    this.show();
    await this.pause(PACE_MS, turn);
    const again = await this.story[this.place].run(this, found.target);
    this.check(turn);
    this.resumed = false;
    if (!again) this.place += 1;
    this.show();
  }

  /** The step that may be played now: the next one, or a later one when a hand was faster. */
  async look(turn) {
    const since = Date.now();
    for (;;) {
      this.check(turn);
      const waited = Date.now() - since;
      const found = this.isQuiet() && this.ready(waited > (this.resumed ? OVERTAKEN_MS : SLOW_MS));
      if (found) return found;
      if (waited > PATIENCE_MS) throw new Error(word("tourWaits"));
      await this.pause(LOOK_MS, turn);
    }
  }

  ready(overtaken) {
    const target = this.story[this.place].ready(this);
    if (target) return { place: this.place, target };
    if (!overtaken) return null;
    for (let place = this.place + 1; place < this.story.length; place += 1) {
      const step = this.story[place];
      const found = step.recognised && step.ready(this);
      if (found) return { place, target: found };
    }
    return null;
  }

  async pause(milliseconds, turn) {
    await new Promise((done) => setTimeout(done, milliseconds));
    this.check(turn);
  }

  check(turn) {
    if (turn !== this.turn) throw new Stopped();
  }

  fail(error) {
    this.waitsFor = error.message;
    this.turn += 1;
    this.to("stopped");
  }

  to(mode) {
    if (mode === "playing") this.waitsFor = "";
    this.mode = mode;
    this.show();
  }

  // --- what the story's people see ---------------------------------------------------------------

  /** The bot has dealt with all it was told. */
  isQuiet() {
    return state.bot.waiting === 0;
  }

  /** The bot's newest message to the consumer. */
  screen() {
    return messagesOf(this.user).findLast((one) => one.from.is_bot);
  }

  /** The newest button with these words, and its message. */
  key(words, chat = this.user) {
    for (const message of messagesOf(chat).toReversed()) {
      const key = keysOf(message).find((one) => one.callback_data && one.text.includes(words));
      if (key) return { message, key };
    }
    return null;
  }

  // --- what they do ------------------------------------------------------------------------------

  async say(text, chat = this.user, user = this.user, reply = null) {
    await told(() => act("say", { chat, user, text, reply }));
  }

  async press({ message, key }, chat = this.user, user = this.user) {
    const about = { chat, user, message: message.message_id, data: key.callback_data };
    await told(() => act("press", about));
  }

  async shareContact() {
    await told(() => act("contact", { user: this.user }));
  }

  async send(file) {
    await told(() => upload(this.user, this.user, [file]));
  }

  async answerAsStaff(member, text, reply) {
    await this.say(text, STAFF_CHAT, member, reply);
  }
}
