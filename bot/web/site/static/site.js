// Everything works without this script; it only makes things easier.
"use strict";

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  // After a while, in case the answer does not come.
  setTimeout(() => delete form.dataset.sent, 10000);
});

// The page comes back by the button «back»: its forms can be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// A page that waits for something shows it as soon as it has come.
const waiting = document.querySelector("[data-wait]");
if (waiting) {
  const ask = async () => {
    const answer = await fetch(waiting.dataset.wait).catch(() => null);
    if (answer && answer.status === 204) location.reload();
    // It is asked again at once when the server held the question, later when it did not answer.
    else setTimeout(ask, answer && answer.status === 202 ? 0 : 5000);
  };
  ask();
}
