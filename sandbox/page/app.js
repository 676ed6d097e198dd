import { act, connect, state, watch } from "./api.js";
import { Chat } from "./chat.js";
import { node } from "./message.js";
import { Tour } from "./tour.js";
import { language, setLanguage, word } from "./words.js";
const at = (id) => document.getElementById(id);
const STAFF_CHAT = -1001000000500;
let chosen = null, letter = -1, asHtml = true, drawnLetter = "";
const topic = () => Number(at("topics").value) || null;
const chats = [
  new Chat(at("consumer"), { id: () => chosen, user: () => chosen }),
  new Chat(at("group"), { id: () => STAFF_CHAT, user: () => Number(at("staff").value), staff: true, root: topic,
    keep: (one) => !topic() || one.message_thread_id === topic() }),
];
function options(select, pairs) {
  const key = JSON.stringify(pairs);
  if (select.dataset.key === key) return;
  const value = select.value;
  select.dataset.key = key;
  select.replaceChildren(...pairs.map(([id, text]) => node("option", { value: id }, text)));
  if (pairs.some(([id]) => String(id) === value)) select.value = value;
}
function draw() {
  if (!state.people) return;
  chosen ??= state.people[0]?.id;
  options(at("people"), state.people.map((one) => [one.id, one.first_name]));
  at("people").value = chosen;
  options(at("staff"), state.staff.map((one) => [one.id, one.first_name]));
  const group = state[`chat:${STAFF_CHAT}`];
  at("topics").hidden = !group.is_forum;
  options(at("topics"), [["", word("general")], ...Object.entries(group.topics).map(([id, one]) => [id, (one.closed ? "🔒 " : "") + one.name])]);
  for (const one of chats) one.draw();
  drawPost();
  at("bot").textContent = `${word("starts")}: ${state.bot.starts} · ${word("waiting")}: ${state.bot.waiting}`;
}
function drawPost() {
  at("view").textContent = word(asHtml ? "text" : "html");
  const mails = state.mails, key = `${mails.length} ${letter} ${language} ${asHtml}`;
  if (key === drawnLetter) return;
  drawnLetter = key;
  at("letters").replaceChildren(...mails.map((one, number) => {
    const button = node("button", { onclick: () => { letter = number; drawPost(); } }, one.subject, node("small", {}, one.to));
    button.setAttribute("aria-current", String(number === letter));
    return node("li", {}, button);
  }).reverse());
  const mail = mails[letter];
  if (!mail) at("letter").replaceChildren(node("pre", {}, mails.length ? "" : word("noMail")));
  else if (asHtml) { const frame = node("iframe", { src: `mail/${letter}`, title: mail.subject }); frame.setAttribute("sandbox", ""); at("letter").replaceChildren(frame); }
  else at("letter").replaceChildren(node("pre", {}, mail.text));
}
function words() {
  setLanguage(language);
  at("language").textContent = language === "ru" ? "English" : "Русский";
  for (const [id, key] of [["people", "person"], ["staff", "member"], ["topics", "topic"]]) at(id).setAttribute("aria-label", word(key));
  const deeds = { f429: ["telegram", { fault: "429" }], f500: ["telegram", { fault: "500" }], down: ["telegram", { fault: "down" }], ok: ["telegram", { fault: "ok" }],
    mailDown: ["mail", { broken: true }], mailOk: ["mail", { broken: false }], block: ["block", { blocked: true }], unblock: ["block", { blocked: false }],
    restart: ["bot", { kill: false }], kill: ["bot", { kill: true }], forum: ["forum", { forum: true }], plain: ["forum", { forum: false }] };
  at("switches").replaceChildren(...Object.entries(deeds).map(([key, [deed, body]]) => node("button", { onclick: () => act(deed, { ...body, user: chosen }) }, word(key))));
  for (const one of chats) one.build();
  for (const one of chats) one.keysDrawn = null;
}
const tour = new Tour((text) => { at("step").hidden = false; at("step").textContent = text; at("tour").textContent = word(tour.running ? "stop" : "tour"); });
at("tour").onclick = async () => { if (tour.running) return tour.stop(); const played = tour.play((user) => { chosen = user; draw(); }); at("tour").textContent = word("stop"); await played; at("tour").textContent = word("tour"); };
at("people").onchange = () => { chosen = Number(at("people").value); draw(); };
at("staff").onchange = at("topics").onchange = draw;
at("add").onclick = async () => { const name = prompt(word("name")); if (name) { const known = state.people.length; await act("person", { name }); const call = () => { if (state.people.length > known) { chosen = state.people.at(-1).id; draw(); } }; setTimeout(call, 300); } };
at("language").onclick = () => { setLanguage(language === "ru" ? "en" : "ru"); words(); draw(); if (chosen) act("language", { user: chosen, language }); };
at("view").onclick = () => { asHtml = !asHtml; drawPost(); };
at("theme").onclick = () => { const root = document.documentElement; root.dataset.theme = localStorage.theme = root.dataset.theme === "dark" ? "light" : "dark"; };
document.documentElement.dataset.theme = localStorage.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
words();
watch(draw);
connect();
