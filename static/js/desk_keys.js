/* The desk's single keys and its list of commands. Off while somebody types, also through an input method. */

import { countPicked, cursor, moveTo, nextOf, open, opened, page, panes, rowOf, rows, tell } from "./desk.js";

const pane = () => page.querySelector("[data-pane]");
const dialog = (name) => page.querySelector(`dialog[data-dialog="${name}"]`);
const show = (name) => { const found = dialog(name); if (found && !found.open) found.showModal(); return found; };
const linkTo = (step) => pane().querySelector(`a[href*="/moves/${step}/"]`);
const formOf = (step) => pane().querySelector(`form.move-form[action*="/moves/${step}/"]`);

/* the first of these steps that is open for the order: its form is entered, or its dialog opened */
function step(...names) {
  for (const name of names) {
    const form = formOf(name);
    if (form) {
      const field = form.querySelector(".searchable-box, input:not([type=hidden]), select, textarea, button");
      field?.focus();
      field?.scrollIntoView({ block: "nearest" });
      return;
    }
    const link = linkTo(name);
    if (link) { link.click(); return; }
  }
  tell(panes.dataset.nothing);
}

function walk(by) {
  const all = rows();
  const at = all.indexOf(cursor());
  moveTo(all[Math.min(all.length - 1, Math.max(0, at + by))] ?? all[0]);
}

function pick() {
  const box = cursor()?.closest("[data-item]")?.querySelector("[data-pick]");
  if (!box) return;
  box.checked = !box.checked;
  countPicked();
}

function accept() {
  const form = formOf("accept");
  if (form?.reportValidity()) form.requestSubmit();
  else if (!form) tell(panes.dataset.nothing);
}

async function copyLink() {
  const number = opened() || cursor()?.dataset.number;
  if (!number) return;
  const link = `${window.location.origin}/desk/${number}/`;
  try { // a site without TLS has no clipboard
    await navigator.clipboard.writeText(link);
    tell(panes.dataset.copied);
  } catch {
    tell(link);
  }
}

function next() {
  const row = nextOf(rowOf(opened()) ?? cursor());
  if (row) open(row);
  else tell(panes.dataset.end);
}

/* -- the table of keys ---------------------------------------------------------------------------------------------- */

const keys = {
  j: () => walk(1),
  k: () => walk(-1),
  x: pick,
  n: next,
  a: accept,
  d: () => step("dispatch", "decide"),
  m: () => step("merge"),
  s: () => step("supervise", "urge"),
  r: () => step("return", "decline", "fail_check"),
  l: copyLink,
  z: () => { const form = page.querySelector("[data-undo]:not([hidden])"); if (form) form.requestSubmit(); },
  "/": () => page.querySelector("[data-search]")?.focus(),
  ";": () => { if (!show("texts")) tell(panes.dataset.noTexts); },
  "?": () => show("keys"),
};
const places = { q: "/desk/", m: "/map/", s: "/board/" };
let going = 0;

function typing(event) {
  if (event.isComposing || event.keyCode === 229) return true;
  const at = event.target;
  return at.isContentEditable || at.matches?.("textarea, select, input:not([type=checkbox]):not([type=radio])");
}

function suggested(number) {
  const form = pane().querySelector(`form[data-key="${number}"]`);
  if (form) form.requestSubmit();
  else tell(panes.dataset.nothing);
}

page.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    palette();
    return;
  }
  if (panes.dataset.keys !== "on" || event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
  const key = event.key.toLowerCase();
  const texts = dialog("texts");
  if (texts?.open) {
    if (/^[1-9]$/.test(key)) { event.preventDefault(); texts.querySelectorAll("[data-text]")[Number(key) - 1]?.click(); }
    return;
  }
  if (page.querySelector("dialog[open]")) return;
  if (Date.now() - going < 1500 && places[key]) {
    event.preventDefault();
    window.location.assign(places[key]);
    return;
  }
  going = key === "g" ? Date.now() : 0;
  if (/^[1-9]$/.test(key)) { event.preventDefault(); suggested(key); return; }
  if (!Object.hasOwn(keys, key) || event.repeat && !"jk".includes(key)) return;
  event.preventDefault();
  keys[key]();
});

/* up and down walk through the queue while it has the focus */
page.addEventListener("keydown", (event) => {
  if (!["ArrowDown", "ArrowUp"].includes(event.key) || !event.target.closest?.("[data-queue]")) return;
  event.preventDefault();
  walk(event.key === "ArrowDown" ? 1 : -1);
});

/* -- the list of commands: whatever this page offers, found by typing ------------------------------------------------ */

const search = page.querySelector("[data-palette]");
const list = page.querySelector("[data-palette-list]");
/* the order's own steps first, then the queue, then the other rooms */
const OFFERED = [
  "[data-pane] form[data-key] button, [data-pane] .move-panel a[href*='/moves/']",
  "[data-new], [data-map-toggle], [data-open=keys], .queue-views a, [data-pager] a",
  ".desk-link",
];

function palette() {
  show("palette");
  search.value = "";
  offer();
  search.focus();
}

function offer() {
  const wanted = search.value.trim().toLowerCase();
  const found = OFFERED.flatMap((some) => [...page.querySelectorAll(some)]).filter((one) => words(one).toLowerCase().includes(wanted));
  list.replaceChildren(...found.slice(0, 12).map((one, place) => {
    const item = page.createElement("li");
    const button = page.createElement("button");
    Object.assign(button, { type: "button", className: "text-choice", textContent: words(one) });
    button.setAttribute("role", "option");
    button.setAttribute("aria-selected", place === 0 ? "true" : "false");
    button.addEventListener("click", () => { dialog("palette").close(); one.click(); });
    item.append(button);
    item.setAttribute("role", "presentation");
    return item;
  }));
}

function words(one) {
  const unit = one.closest(".proposal")?.querySelector("strong")?.textContent ?? "";
  const said = one.cloneNode(true);
  said.querySelectorAll(".count, kbd, .visually-hidden").forEach((part) => part.remove());
  return `${said.textContent.trim().replace(/\s+/g, " ")} ${unit}`.trim();
}

search?.addEventListener("input", offer);
search?.addEventListener("keydown", (event) => {
  if (event.isComposing || !["Enter", "ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const all = [...list.querySelectorAll("button")];
  const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "Enter") { all[at]?.click(); return; }
  const to = Math.min(all.length - 1, Math.max(0, at + (event.key === "ArrowDown" ? 1 : -1)));
  all.forEach((one, place) => one.setAttribute("aria-selected", place === to ? "true" : "false"));
});

panes.dataset.ready = "";
