// The picture as the server tells it, and the deeds it takes.
export const state = {};
const watchers = new Set();
export function watch(call) { watchers.add(call); }
export function connect() {
  const source = new EventSource("events");
  source.onmessage = (event) => {
    for (const [name, part] of Object.entries(JSON.parse(event.data))) state[name] = part;
    for (const call of watchers) call();
  };
}
export async function act(deed, body) {
  const answer = await fetch(`do/${deed}`, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
}
export async function upload(chat, user, files, photo, reply) {
  const form = new FormData();
  for (const file of files) form.append("file", file, file.name);
  const query = new URLSearchParams({ chat, user, photo: photo ? "1" : "0", reply: reply || "" });
  await fetch(`upload?${query}`, { method: "POST", body: form });
}
