/* The desk: on wide screens an order opens beside the queue, below that it is a page of its own. What the keys, the news
   and the map need of it is exported here. */

export const page = document;
export const panes = page.querySelector("[data-panes]");
const wide = window.matchMedia("(min-width: 85rem)");
const undo = page.querySelector("[data-undo]");
const say = page.querySelector("[data-say]");

/* -- rows ------------------------------------------------------------------------------------------------------- */

export const rows = () => [...page.querySelectorAll("[data-row]")];
export const rowOf = (number) => page.querySelector(`[data-row][data-number="${CSS.escape(number)}"]`);
export const opened = () => page.querySelector("[data-pane] [data-order]")?.dataset.order ?? "";

export function cursor() {
  return page.activeElement?.closest?.("[data-row]") ?? page.querySelector("[data-row][data-cursor]") ?? rowOf(opened());
}

export function moveTo(row) {
  if (!row) return;
  page.querySelector("[data-row][data-cursor]")?.removeAttribute("data-cursor");
  row.dataset.cursor = "";
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

/* the next row that nothing is decided on yet */
export function nextOf(row) {
  const all = rows();
  return all.slice(all.indexOf(row) + 1).find((one) => !one.closest(".queue-item-held, .queue-item-gone"));
}

export function open(row) {
  if (!row) return;
  moveTo(row);
  row.click();
}

export function tell(words) {
  if (!say || !words) return;
  say.textContent = words;
  say.hidden = false;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => { say.hidden = true; }, 5000);
}

function mark(number) {
  for (const row of rows()) {
    if (row.dataset.number === number) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

/* a row as it is now, in its old place: rows never move under the cursor */
export async function refreshRow(number, gone = false) {
  const item = rowOf(number)?.closest("[data-item]");
  if (!item) return;
  const answer = await fetch(`/desk/${number}/row/${window.location.search}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok || !item.isConnected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-item]");
  if (!fresh) return;
  const focused = item.contains(page.activeElement);
  const picked = item.querySelector("[data-pick]")?.checked;
  const held = item.classList.contains("queue-item-held");
  item.replaceWith(fresh);
  if (gone || (held && !fresh.classList.contains("queue-item-held"))) fresh.classList.add("queue-item-gone");
  if (picked) fresh.querySelector("[data-pick]").checked = true;
  window.htmx.process(fresh);
  if (number === opened()) mark(number);
  if (focused) moveTo(fresh.querySelector("[data-row]"));
}

page.addEventListener("htmx:beforeRequest", (event) => {
  const row = event.detail.elt.closest?.("[data-row]");
  if (!row || wide.matches) return;
  event.preventDefault();
  window.location.assign(row.href);
});

page.addEventListener("htmx:afterSettle", (event) => {
  if (!event.detail.target?.matches("[data-pane]")) return;
  const order = event.detail.target.querySelector("[data-order]");
  if (!order) return;
  panes.classList.add("desk-panes-open");
  mark(order.dataset.order);
  if (event.detail.target.getBoundingClientRect().top < 0) window.scrollTo({ top: 0 });
  page.title = `${order.querySelector(".order-title")?.textContent ?? ""} ${order.dataset.order}`;
  page.dispatchEvent(new CustomEvent("desk:opened", { detail: order.dataset.order }));
});

/* -- steps: the page stays, the queue goes on --------------------------------------------------------------------- */

page.addEventListener("htmx:configRequest", (event) => {
  const form = event.detail.elt;
  if (!wide.matches || !form.matches?.("form") || !/\/moves\/[a-z_]+\/$/.test(event.detail.path)) return;
  if (event.detail.verb === "post") Object.assign(event.detail.parameters, { hold: "1", stay: "1" });
});

function goOn(number, words) {
  page.querySelectorAll("dialog[open]").forEach((one) => one.close());
  const row = rowOf(number);
  const next = row ? nextOf(row) : undefined;
  if (next) open(next);
  else if (opened() === number) reopen(number);
  tell(next ? words : `${words} ${panes.dataset.end}`);
}

function reopen(number) {
  window.htmx.ajax("GET", `/desk/${number}/${window.location.search}`, { target: "[data-pane]", swap: "innerHTML" });
}

page.addEventListener("desk:held", ({ detail }) => {
  rowOf(detail.number)?.closest("[data-item]").classList.add("queue-item-held");
  showUndo(detail.number, Date.now() / 1000 + detail.seconds, detail.text);
  goOn(detail.number, "");
  refreshRow(detail.number);
});

page.addEventListener("desk:moved", ({ detail }) => {
  const leaves = ["accept", "decline", "pass_check", "revisit"].includes(lastStep);
  if (leaves) {
    rowOf(detail.number)?.closest("[data-item]").classList.add("queue-item-gone");
    goOn(detail.number, detail.text);
  } else {
    page.querySelectorAll("dialog[open]").forEach((one) => one.close());
    reopen(detail.number);
    tell(detail.text);
  }
  refreshRow(detail.number, leaves);
});

let lastStep = "";
page.addEventListener("htmx:beforeRequest", (event) => {
  const step = /\/moves\/([a-z_]+)\/$/.exec(event.detail.pathInfo?.requestPath ?? "");
  if (step && event.detail.requestConfig.verb === "post") lastStep = step[1];
});

page.addEventListener("desk:undone", ({ detail }) => {
  undo.hidden = true;
  tell(detail.text);
  rowOf(detail.number)?.closest("[data-item]").classList.remove("queue-item-held");
  const row = rowOf(detail.number);
  if (row) open(row);
  else reopen(detail.number);
  refreshRow(detail.number);
});

/* the ten seconds, counted down */
function showUndo(number, until, words) {
  undo.querySelector("[data-undo-text]").textContent = words;
  undo.dataset.number = number;
  undo.dataset.until = until;
  undo.hidden = false;
}

setInterval(() => {
  if (undo.hidden || !undo.dataset.until) return;
  const left = Math.ceil(Number(undo.dataset.until) - Date.now() / 1000);
  undo.querySelector("[data-undo-left]").textContent = left > 0 ? `${left} s` : "";
  if (left <= 0) undo.hidden = true;
}, 250);

/* -- choosing several ------------------------------------------------------------------------------------------------ */

export function countPicked() {
  const bar = page.querySelector("[data-bulk]");
  if (!bar) return;
  const picked = page.querySelectorAll("[data-pick]:checked").length;
  bar.hidden = picked === 0;
  bar.querySelector("[data-bulk-count]").textContent = panes.dataset.chosen.replace("#", picked);
}

page.addEventListener("change", (event) => { if (event.target.matches?.("[data-pick]")) countPicked(); });
page.addEventListener("click", (event) => {
  const every = event.target.closest("[data-bulk-all], [data-bulk-none]");
  if (!every) return;
  page.querySelectorAll("[data-pick]").forEach((one) => { one.checked = every.dataset.bulkAll !== undefined; });
  countPicked();
});

page.querySelector("[data-row][aria-current]")?.scrollIntoView({ block: "nearest" });
countPicked();
