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

// The form of a request: branches open at once, answers are saved, files go up one by one.
for (const form of document.querySelectorAll("[data-form]")) followForm(form);

function followForm(form) {
  const saved = document.getElementById("saved");
  const emergency = document.getElementById("emergency");

  const getAnswer = (key) => {
    const inputs = [...form.querySelectorAll(`[name="${key}"]`)];
    const chosen = inputs.find((one) => one.type === "radio" && one.checked) || inputs.find((one) => one.type !== "radio" && one.type !== "hidden");
    // A question that is not shown fulfils no condition.
    return chosen && !chosen.closest("fieldset[disabled]") ? chosen.value.trim() : "";
  };
  const holds = ({ field, values, above, atMost }) => {
    const answer = getAnswer(field);
    if (!answer) return false;
    if (above === undefined && atMost === undefined) return values.includes(answer);
    const number = parseFloat(answer.replace(/\s/g, "").replace(",", "."));
    return !Number.isNaN(number) && (above === undefined || number > above) && (atMost === undefined || number <= atMost);
  };
  const showBranches = () => {
    for (const one of form.querySelectorAll("[data-when]")) {
      const shown = holds(JSON.parse(one.dataset.when));
      one.hidden = !shown;
      if (one.tagName === "FIELDSET") one.disabled = !shown;
    }
  };

  const collect = (act) => {
    const data = new FormData(form);
    for (const input of form.querySelectorAll("input[type=file]")) data.delete(input.name);
    data.set("act", act);
    return data;
  };
  let timer = 0;
  const save = async () => {
    if (form.dataset.sent) return;
    const answer = await fetch(form.action, { method: "POST", body: collect("autosave") }).catch(() => null);
    const isSaved = answer && answer.ok && (answer.headers.get("Content-Type") || "").includes("json");
    if (isSaved) emergency.hidden = !(await answer.json()).emergency;
    saved.textContent = isSaved ? form.dataset.saved : form.dataset.unsaved;
  };
  form.addEventListener("input", (event) => {
    showBranches();
    if (event.target.type === "file") return;
    clearTimeout(timer);
    timer = setTimeout(save, event.target.type === "radio" ? 0 : 1500);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
  showBranches();

  for (const place of form.querySelectorAll("[data-drop]")) followFiles(form, place);
}

function followFiles(form, place) {
  const input = place.querySelector("input[type=file]");
  const bar = place.querySelector("progress");
  place.querySelector("button").hidden = true;

  // Gives what is wrong with the file.
  const upload = (file) => new Promise((resolve) => {
    const data = new FormData();
    // The token goes first: the server checks it before it takes the file.
    data.set("csrf", form.elements.csrf.value);
    // Of a file that is too large the server needs no more to say so.
    data.set(input.name, file.slice(0, Number(place.dataset.limit) + 1), file.name);
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => { bar.value = 100 * event.loaded / event.total; });
    request.addEventListener("loadend", () => {
      const html = new DOMParser().parseFromString(request.responseText || "", "text/html").getElementById("files");
      if (html) document.getElementById("files").replaceWith(html);
      resolve(html ? html.querySelector(".error") : Object.assign(document.createElement("p"), { className: "error", id: "error-scans", textContent: form.dataset.upload }));
    });
    request.open("POST", place.dataset.drop);
    request.send(data);
  });
  const uploadAll = async (files) => {
    const errors = new Map();
    bar.hidden = false;
    for (const file of files) {
      bar.value = 0;
      const error = await upload(file);
      if (error) errors.set(error.textContent, error);
    }
    bar.hidden = true;
    input.value = "";
    place.closest("fieldset").classList.toggle("wrong", errors.size > 0);
    if (errors.size > 0) showErrors([...errors.values()]);
  };
  // The answer to each file took the place of the error before: here they stand together.
  const showErrors = ([first, ...others]) => {
    for (const other of others) first.append(document.createElement("br"), ...other.childNodes);
    document.getElementById("files").prepend(first);
    input.focus();
  };
  input.addEventListener("change", () => uploadAll([...input.files]));
  place.addEventListener("dragover", (event) => { event.preventDefault(); place.classList.add("over"); });
  place.addEventListener("dragleave", () => place.classList.remove("over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("over");
    uploadAll([...event.dataTransfer.files]);
  });
}
