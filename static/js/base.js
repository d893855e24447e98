/* What both shells share. Everything here only adds comfort: each page works without it. */

const page = document;
const words = page.querySelector("[data-words]")?.dataset ?? {};

/* Messages: shown at the top of the page, read aloud, dismissed by a button. */
export function strip(title, text) {
  const pattern = page.querySelector("template[data-strip]");
  const place = page.querySelector("[data-strips]");
  if (!pattern || !place) return;
  const copy = pattern.content.cloneNode(true);
  copy.querySelector("[data-strip-title]").textContent = title;
  copy.querySelector("[data-strip-text]").textContent = text ?? "";
  place.replaceChildren(copy);
  place.scrollIntoView({ block: "nearest" });
}

/* Dialogs and drawers: a link or button with data-open="name" opens <dialog data-dialog="name">; without script the link
   leads to the page of its own. */
function open(name) {
  const dialog = page.querySelector(`dialog[data-dialog="${CSS.escape(name)}"]`);
  if (!dialog) return false;
  if (!dialog.open) dialog.showModal();
  return true;
}

page.addEventListener("click", (event) => {
  const part = event.target.closest("[data-open], [data-close], [data-dismiss], [data-print]");
  if (part?.dataset.open !== undefined && open(part.dataset.open)) event.preventDefault();
  if (part?.dataset.close !== undefined) {
    part.closest("dialog")?.close();
    event.preventDefault();
  }
  if (part?.dataset.dismiss !== undefined) part.closest(".strip")?.remove();
  if (part?.dataset.print !== undefined) window.print();
  if (event.target instanceof HTMLDialogElement) event.target.close();
  for (const menu of page.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

page.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of page.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  if (window.location.hash === "#menu") {
    window.location.hash = "#main";
    page.querySelector(".desk-menu-open")?.focus();
  }
});

/* A form with data-once goes out once; its button says so until the answer is there. */
page.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.once === undefined) return;
  if (form.dataset.sent !== undefined) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "";
  const button = event.submitter ?? form.querySelector("[type=submit]");
  if (button && words.busy) {
    button.dataset.label = button.textContent;
    button.setAttribute("aria-busy", "true");
    button.textContent = words.busy;
  }
});

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-busy]")) {
    button.removeAttribute("aria-busy");
    if (button.dataset.label) button.textContent = button.dataset.label;
  }
}

window.addEventListener("pageshow", (event) => {
  if (event.persisted) page.querySelectorAll("form[data-sent]").forEach(release);
});

/* Whoever logs out takes along the copies that were kept for reading; what is still to be sent stays, sealed. */
page.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[action$='/logout/']") || form.dataset.wiped !== undefined || !("indexedDB" in window)) return;
  event.preventDefault();
  form.dataset.wiped = "";
  import("./outbox/ground.js").then((store) => store.forgetCopies()).catch(() => {}).finally(() => form.submit());
});

/* Photo slots show what was chosen. */
page.addEventListener("change", (event) => {
  const slot = event.target.closest("[data-photo-slot]");
  const file = event.target.files?.[0];
  if (!slot || !file) return;
  slot.querySelector("img")?.remove();
  const picture = new Image();
  picture.alt = file.name;
  picture.src = URL.createObjectURL(file);
  picture.addEventListener("error", () => picture.remove());
  slot.prepend(picture);
  slot.classList.add("photo-slot-filled");
});

/* A filter form with data-auto sends itself when a choice is made. */
page.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto]");
  if (form && event.target.matches("select, input[type=radio], input[type=checkbox], input[type=date]")) form.requestSubmit();
});

/* HTMX: whole pages are never put into a part of a page; a silent server gets words; new error summaries get the focus. */
page.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status < 400 || !/^\s*<!doctype/i.test(xhr.responseText)) return;
  const answer = new DOMParser().parseFromString(xhr.responseText, "text/html");
  event.detail.shouldSwap = false;
  strip(answer.querySelector("h1")?.textContent ?? words.failed, answer.querySelector("main p")?.textContent ?? words.failedAdvice);
});

for (const silence of ["htmx:sendError", "htmx:timeout"]) {
  page.addEventListener(silence, () => strip(words.network, words.networkAdvice));
}

page.addEventListener("htmx:afterRequest", (event) => {
  const { xhr, elt } = event.detail;
  if (xhr.getResponseHeader("HX-Redirect")) return;
  const form = elt.closest("form[data-sent]");
  if (form) release(form);
  if (xhr.status >= 400 && !xhr.responseText) strip(words.failed, words.failedAdvice);
});

page.addEventListener("htmx:afterSettle", (event) => {
  // A page restored by the browser's back button comes without a target.
  const target = event.detail.target ?? event.target;
  target.querySelector("[data-error-summary]")?.focus();
  const dialog = target.querySelector("dialog[data-open-now]") ?? (target.matches("dialog[data-open-now]") ? target : null);
  if (dialog && !dialog.open) dialog.showModal();
});

page.querySelector("[data-error-summary]")?.focus();
