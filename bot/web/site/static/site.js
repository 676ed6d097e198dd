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
