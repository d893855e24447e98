/* News from the other desks: new orders are counted and wait for a click, rows change in their place, and whoever works
   on an order says so. One kept connection; when it breaks the browser comes back and hears what it missed. */

import { opened, page, panes, refreshRow, rowOf } from "./desk.js";

const HARMLESS = new Set(["comment", "attached", "urge", "rated", "remarked", "overdue", "carded", "followed"]);
const RENEW = 60_000;
const COUNT_AGAIN = 30_000;
const MOST_ASKED = 100;
/* an administrator looks at these pages as somebody else: no lease is taken, no news are heard */
const looking = Boolean(page.querySelector(".viewing"));
const hears = panes && !looking && "EventSource" in window;
const arrived = new Set();
const heard = new Set();
const unsure = new Set();
let asking = 0;
let dirty = false;
let last = "";
let source = null;

const wait = (least) => least * (1 + Math.random() / 2);
const token = () => JSON.parse(page.body.getAttribute("hx-headers"))["X-CSRFToken"];

function connect() {
  source = new EventSource(last ? `${panes.dataset.live}?after=${last}` : panes.dataset.live);
  source.addEventListener("news", (event) => hear(event.lastEventId, JSON.parse(event.data)));
  source.addEventListener("reload", () => { dirty = true; showNew(true); });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, wait(30_000));
  });
}

function hear(id, news) {
  if (news.kind === "claimed" || news.kind === "released") { claimed(news); return; }
  if (id) {
    if (heard.has(id)) return;
    heard.add(id);
    last = id;
  }
  dirty = true;
  const row = rowOf(news.number);
  if (row) refreshRow(news.number);
  else if (arrives(news)) announce(news.number);
  if (String(news.actor) !== panes.dataset.me && news.number === opened() && !HARMLESS.has(news.kind)) movedOn();
}

function arrives(news) {
  const wanted = page.querySelector("[data-queue]")?.dataset.arrivals?.split(" ") ?? [];
  return wanted.includes(news.status) && !HARMLESS.has(news.kind);
}

/* under a filter only the server knows whether an order belongs to the list: asked once for all news of a second */
function announce(number) {
  if (page.querySelector("[data-narrowed]")) {
    unsure.add(number);
    asking ||= setTimeout(askWhich, 1000);
  } else {
    arrived.add(number);
    showNew();
  }
}

async function askWhich() {
  const numbers = [...unsure];
  unsure.clear();
  asking = 0;
  if (numbers.length > MOST_ASKED) { showNew(true); return; }
  const search = new URLSearchParams(window.location.search);
  search.set("arrived", numbers.join());
  const answer = await fetch(`/desk/arrived/?${search}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok) return;
  const found = (await answer.json()).numbers;
  found.forEach((one) => arrived.add(one));
  if (found.length) showNew();
}

function showNew(many = false) {
  const bar = page.querySelector("[data-news]");
  if (!bar) return;
  bar.hidden = false;
  bar.querySelector("[data-news-show]").textContent = many ? panes.dataset.newsMany : panes.dataset.newsWords.replace("#", arrived.size);
}

function claimed(news) {
  const mark = rowOf(news.number)?.querySelector("[data-mark]");
  if (!mark || mark.closest(".queue-item-held") || String(news.actor) === panes.dataset.me) return;
  mark.textContent = news.words;
  mark.hidden = !news.words;
  if (news.number === opened()) renew();
}

function movedOn() {
  const note = page.querySelector("[data-moved-on]");
  if (!note) return;
  note.querySelector("span").textContent = panes.dataset.changed;
  note.hidden = false;
}

page.addEventListener("click", (event) => {
  if (!event.target.closest("[data-news-show]")) return;
  event.preventDefault();
  arrived.clear();
  window.htmx.ajax("GET", `/desk/${window.location.search}`, { target: ".queue", select: ".queue", swap: "outerHTML" });
  count();
});

function count() {
  dirty = false;
  window.htmx.ajax("GET", `/desk/views/${window.location.search}`, { target: "[data-views]", swap: "outerHTML" });
}

/* figures are asked for again only after news, and only while somebody looks */
setInterval(() => { if (dirty && !page.hidden) count(); }, wait(COUNT_AGAIN));

/* -- the lease of the open order ------------------------------------------------------------------------------------- */

const lease = () => (looking ? null : page.querySelector("[data-pane] [data-claims]"));

function renew() {
  const line = lease();
  if (line && !page.hidden) window.htmx.ajax("POST", line.dataset.claims, { target: "[data-presence]", swap: "outerHTML" });
}

setInterval(renew, RENEW);
window.addEventListener("pagehide", () => {
  const line = lease();
  if (line) fetch(line.dataset.release, { method: "POST", headers: { "X-CSRFToken": token() }, keepalive: true }).catch(() => {});
  source?.close();
});
window.addEventListener("pageshow", (event) => { if (event.persisted && hears) connect(); });

if (hears) connect();
