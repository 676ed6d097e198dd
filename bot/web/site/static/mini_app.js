// Telegram opens the page with what it signed behind «#»: it is posted, and the server checks it.
"use strict";

const initData = new URLSearchParams(location.hash.slice(1)).get("tgWebAppData");
const isFramed = window.top !== window;

function show(id) {
  for (const one of ["outside", "framed", "launch"]) document.getElementById(one).hidden = one !== id;
}

if (isFramed) {
  // Telegram in a browser: a frame gets no cookie of ours.
  show("framed");
} else if (initData) {
  // The history does not keep it, nor does the button «back» send it again.
  history.replaceState(null, "", location.pathname);
  const form = document.getElementById("launch");
  show("launch");
  form.elements.init_data.value = initData;
  form.submit();
}
