// The main job, step by step. A step is played once ``ready`` finds what it needs; one that is
// ``recognised`` tells by the screen alone that it is its turn, so that a hand may go before it.
// The consumer of the story speaks Russian, whatever the language of the page.
import { act, keysOf, messagesOf, STAFF_CHAT, state, until } from "./api.js";

const OLGA = 101;
const FIRST_NAME = "Мария";
const FULL_NAME = "Соколова Мария Ивановна";
const METER = "0812094521";
const EARLIER = "14820";
const READING = "15034,6";
const ANSWER = "Мария Ивановна, спасибо! Бригада выедет сегодня до 18:00.";
const TROUBLE = "У подстанции открыт шкаф и срезан кабель, прошу прислать бригаду.";
const PASSWORD = /^\s*([A-Za-z0-9]{12,})\s*$/m;
const SITE_LINK = /http\S+\/link\/\S+/;
const LINK = /t\.me\/\w+\?start=(\w+)/;
const EXAMPLE = /Например:\s*(.+)/;
const NO_ANSWERS = /Назад|Отмена|Готово|Пропустить|Отправить сейчас/;

/** Something that is always possible. */
function now(run) {
  return { ready: () => true, run };
}

function command(text) {
  return now((tour) => tour.say(text));
}

function press(words) {
  return {
    recognised: true,
    ready: (tour) => tour.key(words),
    run: (tour, found) => tour.press(found),
  };
}

/** The question whose text holds all these words gets the text that ``text`` gives. */
function reply(words, text) {
  return {
    recognised: true,
    ready: (tour) => words.every((word) => tour.screen()?.text?.includes(word)),
    run: (tour) => tour.say(text(tour)),
  };
}

const begin = now(async (tour) => {
  const known = new Set(state.people.map((one) => one.id));
  await act("person", { name: FIRST_NAME });
  await until(() => state.people.some((one) => !known.has(one.id)));
  tour.user = state.people.find((one) => !known.has(one.id)).id;
  tour.email = `maria${tour.user}@example.ru`;
  tour.select(tour.user);
});

const giveContact = {
  recognised: true,
  ready: (tour) => tour.screen()?.reply_markup?.keyboard,
  run: (tour) => tour.shareContact(),
};

const readLetter = {
  ready: (tour) => {
    const isOurs = (mail) => mail.to === tour.email && PASSWORD.test(mail.text);
    return state.mails.findLastIndex(isOurs) + 1;
  },
  run: (tour, number) => {
    tour.password = state.mails[number - 1].text.match(PASSWORD)[1];
    tour.read(number - 1);
  },
};

/** What the screen shows; the same until the bot has dealt with the answer. */
function describe(screen) {
  return JSON.stringify([screen?.message_id, screen?.text, screen?.reply_markup]);
}

/** Answers the form question by question, each once and by its own example. */
const fillForm = {
  ready: (tour) =>
    describe(tour.screen()) !== tour.answered && (/Шаг \d/.test(tour.screen()?.text) || findSubmit(tour)),
  run: async (tour) => {
    if (findSubmit(tour)) return false;
    const asked = tour.screen();
    const keys = (asked.reply_markup?.inline_keyboard ?? []).flat();
    const find = (words) => keys.find((one) => one.text.includes(words));
    tour.answered = describe(asked);
    await answer(tour, asked, keys, find);
    return true;
  },
};

/** The button of the review, and not that of an emergency, which stands below every question. */
function findSubmit(tour) {
  const message = tour.screen();
  const key = keysOf(message).find((one) => one.text === "Отправить");
  return key && { message, key };
}

const submit = { recognised: true, ready: findSubmit, run: (tour, found) => tour.press(found) };

async function answer(tour, asked, keys, find) {
  const pressed = (key) => tour.press({ message: asked, key });
  const example = asked.text.match(EXAMPLE)?.[1];
  if (find("Готово")) {
    await pressed(find("Готово"));
  } else if (/скан/i.test(asked.text) && !example) {
    await tour.send(scan());
  } else if (find("Пропустить")) {
    await pressed(find("Пропустить"));
  } else if (example) {
    await tour.say(/Текст заявки/.test(asked.text) ? TROUBLE : example.trim());
  } else {
    await pressed(keys.find((one) => !NO_ANSWERS.test(one.text)));
  }
}

function scan() {
  const content = `%PDF-1.7
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842]>> endobj
xref
0 4
0000000000 65535 f\x20
0000000009 00000 n\x20
0000000056 00000 n\x20
0000000111 00000 n\x20
trailer <</Size 4 /Root 1 0 R>>
startxref
180
%%EOF
`;
  return new File([content], "Заявление.pdf", { type: "application/pdf" });
}

function cardOf(tour) {
  return messagesOf(STAFF_CHAT).findLast((one) => one.text?.includes(tour.email));
}

const answerIt = {
  ready: (tour) => cardOf(tour),
  run: (tour, card) => tour.answerAsStaff(OLGA, ANSWER, card.message_id),
};

const answerCame = {
  ready: (tour) => messagesOf(tour.user).some((one) => one.from.is_bot && one.text?.includes("до 18:00")),
  run: () => {},
};

/** A button of the card in the group. */
function pressOnCard(words) {
  return {
    recognised: true,
    ready: (tour) => {
      const message = cardOf(tour);
      const key = keysOf(message).find((one) => one.text.includes(words));
      return key && { message, key };
    },
    run: (tour, found) => tour.press(found, STAFF_CHAT, OLGA),
  };
}

/** The email about the result: it is opened, and stays so; its link leads to the request. */
const openResult = {
  ready: (tour) => {
    const isOurs = (mail) => mail.to === tour.email && mail.subject.includes("Выполнена");
    return state.mails.findLastIndex(isOurs) + 1;
  },
  run: (tour, number) => {
    tour.read(number - 1);
    [, tour.payload] = state.mails[number - 1].text.match(LINK);
  },
};

const remember = now((tour) =>
  act("history", { email: tour.email, meter: METER, last: EARLIER }),
);

/** Brought into sight once it is drawn: what follows it may have moved it out. */
const chartCame = {
  ready: () => [...document.querySelectorAll("#consumer .photo img")].findLast((one) => one.complete),
  run: (_, picture) => {
    picture.scrollIntoView({ block: "end" });
  },
};

const dataCame = {
  ready: (tour) => tour.screen()?.text?.includes("12345678") || tour.screen()?.rich_message,
  run: () => {},
};

/** A browser may refuse a window that nobody pressed for; then the person presses the link itself. */
const openSite = {
  ready: (tour) => tour.screen()?.text?.match(SITE_LINK)?.[0],
  run: (_, link) => {
    window.open(link, "_blank", "noopener");
  },
};

const CHAPTERS = {
  tourRegistration: [
    begin,
    command("/start"),
    press("Регистрация"),
    press("Согласен"),
    press("Физическое"),
    reply(["Регистрация", "Шаг 3"], () => FULL_NAME),
    reply(["Регистрация", "Шаг 4"], (tour) => tour.email),
    giveContact,
    press("Зарегистрировать"),
  ],
  tourMail: [readLetter],
  tourLogin: [
    command("/menu"),
    press("Войти"),
    reply(["Вход", "Шаг 1"], (tour) => tour.email),
    reply(["Вход", "Шаг 2"], (tour) => tour.password),
    press("Позже"),
  ],
  tourRequest: [
    press("Заявки"),
    press("Создание заявки"),
    press("Хищение"),
    fillForm,
    submit,
  ],
  tourTake: [pressOnCard("Взять в работу")],
  tourAnswer: [answerIt, answerCame],
  tourDone: [pressOnCard("Выполнена"), pressOnCard("Восстановлено")],
  tourRating: [press("5 ★")],
  tourLetter: [openResult, now((tour) => tour.say(`/start ${tour.payload}`))],
  tourAskue: [
    command("/menu"),
    press("Показания"),
    press("АСКУЭ"),
    reply(["АСКУЭ", "Шаг 1"], () => "demo"),
    reply(["АСКУЭ", "Шаг 2"], () => "demo123"),
    press("Получить данные"),
    dataCame,
  ],
  tourReading: [
    remember,
    command("/menu"),
    press("Показания"),
    press(METER),
    reply(["Прежнее показание"], () => READING),
    press("Ввести"),
  ],
  tourHistory: [press("История счётчика"), press("График"), chartCame],
  tourSite: [command("/menu"), press("Профиль"), press("Открыть на сайте"), openSite],
};

/** The part of the page to look at in a chapter, where it is not the phone. */
const PARTS = {
  tourMail: "side",
  tourTake: "group",
  tourAnswer: "group",
  tourDone: "group",
  tourLetter: "side",
};

export function partOf(chapter) {
  return PARTS[chapter] ?? "consumer";
}

export const story = Object.entries(CHAPTERS).flatMap(([chapter, steps]) =>
  steps.map((step) => ({ ...step, chapter })),
);
