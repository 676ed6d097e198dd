// The picture as the server tells it, and the deeds it takes.

export const state = {};
export const STAFF_CHAT = -1001000000500;

const LOOK_MS = 100;
const watchers = new Set();

/** ``call`` is called after each change of ``state``. */
export function watch(call) {
  watchers.add(call);
}

/** ``onLink`` hears whether the sandbox answers; the browser connects again by itself. */
export function connect(onLink) {
  const source = new EventSource("events");
  source.onopen = () => onLink(true);
  source.onerror = () => onLink(false);
  source.onmessage = (event) => {
    Object.assign(state, JSON.parse(event.data));
    for (const call of watchers) call();
  };
}

export async function act(deed, body = {}) {
  const answer = await fetch(`do/${deed}`, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
}

/** Does what the bot hears of, and waits until the page knows that it was told. */
export async function told(deed) {
  const { given } = state.bot;
  await deed();
  await until(() => state.bot.given > given);
}

export async function until(holds) {
  while (!holds()) await new Promise((done) => setTimeout(done, LOOK_MS));
}

/** Several files make an album. */
export async function upload(chat, user, files, { photo = false, reply = null } = {}) {
  const form = new FormData();
  for (const file of files) form.append("file", file, file.name);
  const query = new URLSearchParams({ chat, user, photo: photo ? "1" : "0", reply: reply ?? "" });
  const answer = await fetch(`upload?${query}`, { method: "POST", body: form });
  if (!answer.ok) throw new Error(await answer.text());
}

export function chatOf(id) {
  return state[`chat:${id}`];
}

export function messagesOf(id) {
  return chatOf(id)?.messages ?? [];
}

/** The buttons under a message, in one row. */
export function keysOf(message) {
  return (message?.reply_markup?.inline_keyboard ?? []).flat();
}
