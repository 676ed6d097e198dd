// The main job, played at readable speed; it may be stopped at any step.
import { act, state, upload } from "./api.js";
import { word } from "./words.js";
const PACE = Number(new URLSearchParams(location.search).get("pace") || 900);
const STAFF = "chat:-1001000000500";
class Stopped extends Error {}
export class Tour {
  constructor(say) { this.tell = say; this.running = false; }
  stop() { this.running = false; this.wake?.(); }
  async play(select) {
    this.running = true;
    try { await this.steps(select); this.tell(word("t9")); }
    catch (error) { this.tell(error instanceof Stopped ? word("tStop") : `${word("tStop")} (${error.message})`); }
    this.running = false;
  }
  async until(found) {
    const limit = Date.now() + 40000;
    for (;;) { if (!this.running) throw new Stopped(); const got = found(); if (got) return got;
      if (Date.now() > limit) throw new Error("…"); await new Promise((done) => setTimeout(done, 100)); }
  }
  async pause() { await new Promise((done) => { this.wake = done; setTimeout(done, PACE); }); if (!this.running) throw new Stopped(); }
  all(chat) { return state[chat]?.messages || []; }
  async press(words, chat = this.chat, user = this.user) {
    const [message, button] = await this.until(() => { for (const one of this.all(chat).toReversed()) for (const key of (one.reply_markup?.inline_keyboard || []).flat()) if (words.some((w) => key.text.includes(w))) return [one, key]; });
    await this.pause();
    await act("press", { chat: Number(chat.slice(5)), user, message: message.message_id, data: button.callback_data });
  }
  // Answers come after the question that holds these words.
  async say(text, ...words) { if (words.length) await this.until(() => words.some((w) => (this.all(this.chat).findLast((one) => one.from.is_bot)?.text || "").includes(w))); await this.pause();
    await act("say", { chat: this.user, user: this.user, text }); }
  async settled() { await this.until(() => state.bot.waiting === 0); await this.pause(); }
  async steps(select) {
    const known = state.people.length;
    await act("person", { name: "Мария" });
    await this.until(() => state.people.length > known);
    this.user = state.people.at(-1).id; this.chat = `chat:${this.user}`; select(this.user);
    const email = `maria${this.user}@example.ru`;
    this.tell(word("t1"));
    await this.say("/start"); await this.press(["Регистрация"]); await this.press(["Физическое"]);
    await this.say("Соколова Мария Ивановна", "Шаг 2"); await this.say(email, "Шаг 3");
    await this.until(() => this.all(this.chat).findLast((one) => one.from.is_bot)?.text?.includes("Шаг 4")); await this.pause();
    await act("contact", { user: this.user }); await this.press(["Согласен"]); await this.press(["Зарегистрировать"]);
    this.tell(word("t2"));
    const letter = await this.until(() => state.mails.find((one) => one.to === email && /пароль/i.test(one.subject)));
    const password = letter.text.match(/^\s*([A-Za-z0-9]{12,})\s*$/m)[1];
    await this.pause(); this.tell(word("t3"));
    await this.settled(); await act("say", { chat: this.user, user: this.user, text: "/menu" });
    await this.press(["Войти"]); await this.say(email, "Шаг 1"); await this.say(password, "Шаг 2"); await this.press(["Позже"]);
    this.tell(word("t4"));
    await this.press(["Заявки"]); await this.press(["Создание заявки"]); await this.press(["Хищение"]);
    for (let turn = 0; turn < 20; turn++) {
      await this.settled();
      const asked = this.all(this.chat).findLast((one) => one.from.is_bot), keys = (asked.reply_markup?.inline_keyboard || []).flat();
      const find = (w) => keys.find((one) => one.text.includes(w));
      if (find("Отправить")) break;
      const example = asked.text.match(/Например:\s*(.+)/)?.[1], skip = find("Пропустить"), other = keys.filter((one) => !/Назад|Отмена|Готово|Пропустить/.test(one.text))[0];
      if (find("Готово") || (skip && /скан/i.test(asked.text))) {
        await upload(this.user, this.user, [new File([`%PDF-1.7\n${"scan ".repeat(200)}\n%%EOF`], "Заявление.pdf", { type: "application/pdf" })], false);
        await this.settled(); await this.press(["Готово"]);
      } else if (skip) await this.press(["Пропустить"]);
      else if (other && !example) await this.press([other.text]);
      else await act("say", { chat: this.user, user: this.user, text: example?.trim() || "Прошу проверить: у подстанции открыт шкаф и срезан кабель." });
    }
    await this.press(["Отправить"]);
    this.tell(word("t5"));
    const card = await this.until(() => this.all(STAFF).findLast((one) => one.text?.includes(email)));
    await this.press(["Взять в работу"], STAFF, 101);
    await this.settled(); this.tell(word("t6"));
    await act("say", { chat: -1001000000500, user: 101, text: "Мария Ивановна, спасибо! Бригада выедет сегодня до 18:00.", reply: card.message_id });
    await this.until(() => this.all(this.chat).some((one) => one.from.is_bot && one.text?.includes("до 18:00")));
    await this.settled(); this.tell(word("t7"));
    await act("say", { chat: this.user, user: this.user, text: "/menu" });
    await this.press(["Показания"]); await this.press(["Ручной ввод"]); await this.press(["Однотарифный"]);
    await this.say("0812094521", "Шаг 2"); await this.say("1234,5", "Шаг 3"); await this.press(["Ввести"]);
    await this.settled(); this.tell(word("t8"));
    await act("say", { chat: this.user, user: this.user, text: "/menu" });
    await this.press(["Показания"]); await this.press(["АСКУЭ"]); await this.say("demo", "Шаг 1"); await this.say("demo123", "Шаг 2"); await this.press(["Получить данные"]);
    await this.settled();
  }
}
