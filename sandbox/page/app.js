// The page put together.
import { act, connect, messagesOf, STAFF_CHAT, state, until, watch } from "./api.js";
import { Chat } from "./chat.js";
import { at, fillSelect } from "./dom.js";
import { Panel } from "./panel.js";
import { Post } from "./post.js";
import { partOf, story } from "./story.js";
import { makeTabs } from "./tabs.js";
import { ask, box, toast } from "./toast.js";
import { Topics } from "./topics.js";
import { Tour } from "./tour.js";
import { language, setLanguage, word } from "./words.js";

const root = document.documentElement;
let chosen = null;
let seenAlert = null;
let lookedAt = null;

const consumer = new Chat(at("consumer"), { id: () => chosen, user: () => chosen });
const group = new Chat(at("group"), {
  id: () => STAFF_CHAT,
  user: () => Number(at("staff").value),
  topic: () => topics.chosen,
  staff: true,
});
const topics = new Topics(at("topics"), draw);
const post = new Post((text) => act("say", { chat: chosen, user: chosen, text }));
const panel = new Panel(() => chosen);
const chooseTab = makeTabs(at("tabs"));
const tour = new Tour(story, {
  show: drawTour,
  select: (user) => {
    chosen = user;
    draw();
  },
  read: (number) => {
    chooseTab(at("tab-post"));
    post.open(number);
  },
});

function draw() {
  if (!state.people) return;
  chosen ??= state.people[0]?.id;
  at("site").hidden = !state.site;
  if (state.site) at("site").href = state.site;
  drawPeople();
  consumer.draw();
  group.draw();
  post.draw();
  panel.draw();
  drawAlerts();
  drawWelcome();
}

/** Until somebody has written, or the tour runs. */
function drawWelcome() {
  const isFresh = state.people?.every((one) => !messagesOf(one.id).length);
  at("welcome").hidden = !isFresh || tour.mode !== "idle";
}

function drawPeople() {
  fillSelect(at("people"), state.people.map((one) => [one.id, one.first_name]));
  at("people").value = chosen;
  fillSelect(at("staff"), state.staff.map((one) => [one.id, one.first_name]));
  topics.draw();
}

/** Answers to presses go to whoever pressed; those from before the page was opened are over. */
function drawAlerts() {
  const last = state.alerts.at(-1)?.number ?? -1;
  seenAlert ??= last;
  for (const alert of state.alerts) {
    if (alert.number <= seenAlert) continue;
    const isStaff = state.staff.some((one) => one.id === alert.user_id);
    if (alert.modal) box(alert.text);
    else toast((isStaff ? group : consumer).section, alert.text);
  }
  seenAlert = Math.max(last, seenAlert);
}

function drawTour() {
  const { mode } = tour;
  const isIdle = mode === "idle";
  at("tour").hidden = !isIdle;
  at("guide").hidden = isIdle;
  at("onward").hidden = mode !== "over";
  drawWelcome();
  lookAt(mode === "playing" || mode === "stopped" ? partOf(tour.chapter) : null);
  if (isIdle) return;
  const number = tour.chapters.indexOf(tour.chapter) + 1;
  const place = `${number}/${tour.chapters.length} · ${word(tour.chapter)}`;
  at("step").textContent = mode === "over" ? word("tourOver") : place;
  at("hint").textContent = mode === "stopped" ? tour.waitsFor || word("tourStopped") : "";
  at("progress").max = story.length;
  at("progress").value = tour.place;
  at("stop").hidden = mode !== "playing";
  at("go-on").hidden = mode !== "stopped";
  at("next").hidden = mode === "over";
  at("next").disabled = mode === "playing";
}

/** Marks the part of the page that the tour is about, and brings it into sight. */
function lookAt(part) {
  if (part === lookedAt) return;
  lookedAt = part;
  for (const id of ["consumer", "group", "side"]) {
    at(id).classList.toggle("looked-at", id === part);
  }
  if (part && matchMedia("(max-width: 1080px)").matches) at(part).scrollIntoView();
}

function drawWords() {
  setLanguage(language);
  at("language").textContent = language === "ru" ? "English" : "Русский";
  at("language").lang = language === "ru" ? "en" : "ru";
  consumer.build();
  group.build();
  panel.build();
  drawTour();
}

async function startTour() {
  const played = tour.start();
  at("stop").focus();
  await played;
}

at("tour").onclick = startTour;
at("welcome-tour").onclick = startTour;
at("welcome-alone").onclick = async () => {
  await act("say", { chat: chosen, user: chosen, text: "/start" });
  consumer.composer.input.focus();
};
at("onward-add").onclick = () => at("add").click();
at("onward-fill").onclick = () => {
  chooseTab(at("tab-panel"));
  at("samples").click();
};
at("onward-panel").onclick = () => {
  chooseTab(at("tab-panel"));
  at("tab-panel").focus();
};
at("stop").onclick = () => {
  tour.stop();
  at("go-on").focus();
};
at("go-on").onclick = () => {
  tour.play();
  at("stop").focus();
};
at("next").onclick = async () => {
  await tour.play(1);
  at("next").focus();
};
at("end").onclick = () => {
  tour.end();
  at("tour").focus();
};
at("people").onchange = () => {
  chosen = Number(at("people").value);
  draw();
};
at("staff").onchange = draw;
at("add").onclick = async () => {
  const name = await ask(word("name"), word("newName"), word("add"));
  if (!name) return;
  const known = new Set(state.people.map((one) => one.id));
  await act("person", { name });
  await until(() => state.people.some((one) => !known.has(one.id)));
  chosen = state.people.find((one) => !known.has(one.id)).id;
  draw();
};
at("language").onclick = async () => {
  setLanguage(language === "ru" ? "en" : "ru");
  drawWords();
  draw();
  if (chosen) await act("language", { user: chosen, language });
};
at("theme").onclick = () => {
  root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
  localStorage.theme = root.dataset.theme;
};

// What the sandbox refuses, such as an answer to a message that is gone.
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  toast(consumer.section, `${word("failed")}: ${event.reason.message}`);
});

const dark = matchMedia("(prefers-color-scheme: dark)").matches;
root.dataset.theme = localStorage.theme ?? (dark ? "dark" : "light");
drawWords();
watch(draw);
connect((isLinked) => {
  at("no-link").hidden = isLinked;
});
