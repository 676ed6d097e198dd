// All words of the page; the bot brings its own.
const ru = { title: "Личный кабинет потребителя · песочница", tour: "▶ Экскурсия", stop: "■ Остановить", theme: "Светлая / тёмная",
  consumer: "Телефон потребителя", group: "Группа поддержки", post: "Почта", panel: "Сбои", askue: "АСКУЭ", add: "Добавить",
  askueHelp: "Идентификатор demo, пароль demo123. Другие идентификаторы с тем же паролем играют сбои: slow, busy, down, huge, html, many, nulls, none.",
  write: "Сообщение", send: "Отправить", attach: "Документы", photos: "Фото", contact: "Отправить контакт", reply: "Ответить", edit: "Изменить", cancel: "Отмена",
  html: "Показать HTML", text: "Показать текст", name: "Имя нового потребителя", noMail: "Писем пока нет.", person: "Потребитель", member: "Сотрудник",
  topic: "Тема", general: "Все темы", f429: "429 на пять вызовов", f500: "500 на пять вызовов", down: "Telegram недоступен", ok: "Telegram исправен",
  mailDown: "Почта не работает", mailOk: "Почта исправна", block: "Заблокировать бота", unblock: "Разблокировать", restart: "Перезапустить бота",
  kill: "kill -9 бота", forum: "Группа с темами", plain: "Простая группа", starts: "Запусков бота", waiting: "ждут обновлений", start: "Начать", copied: "Скопировано",
  t1: "Регистрация: бот спрашивает по одному", t2: "Пароль приходит письмом", t3: "Вход", t4: "Заявка со сканом", t5: "Сотрудник берёт заявку в работу",
  t6: "Сотрудник отвечает потребителю", t7: "Показания счётчика", t8: "АСКУЭ: данные приборов", t9: "Готово: дальше можно самому", tStop: "Экскурсия остановлена; продолжайте сами" };
const en = { title: "Consumer's cabinet · sandbox", tour: "▶ Guided tour", stop: "■ Stop", theme: "Light / dark",
  consumer: "Consumer's phone", group: "Staff group", post: "Mailbox", panel: "Faults", askue: "ASKUE", add: "Add",
  askueHelp: "Identifier demo, password demo123. Other identifiers with that password play faults: slow, busy, down, huge, html, many, nulls, none.",
  write: "Message", send: "Send", attach: "Documents", photos: "Photos", contact: "Share contact", reply: "Reply", edit: "Edit", cancel: "Cancel",
  html: "Show HTML", text: "Show text", name: "Name of the new consumer", noMail: "No letters yet.", person: "Consumer", member: "Staff member",
  topic: "Topic", general: "All topics", f429: "429 for five calls", f500: "500 for five calls", down: "Telegram is down", ok: "Telegram works",
  mailDown: "Mail is down", mailOk: "Mail works", block: "Block the bot", unblock: "Unblock the bot", restart: "Restart the bot",
  kill: "kill -9 the bot", forum: "Group with topics", plain: "Plain group", starts: "Bot starts", waiting: "updates wait", start: "Start", copied: "Copied",
  t1: "Registration: one question at a time", t2: "The password comes by mail", t3: "Login", t4: "A request with a scan", t5: "Staff takes the request",
  t6: "Staff answers the consumer", t7: "Meter readings", t8: "ASKUE: data of the meters", t9: "Done: go on by hand", tStop: "The tour is stopped; go on by hand" };
export let language = localStorage.language === "en" ? "en" : "ru";
export const word = (key) => (language === "en" ? en : ru)[key];
export function setLanguage(chosen) {
  language = localStorage.language = chosen;
  document.documentElement.lang = chosen;
  for (const one of document.querySelectorAll("[data-word]")) one.textContent = word(one.dataset.word);
}
