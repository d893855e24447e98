/* Today's orders in the pocket: copies that are read, and worked on, without a network. They are fetched while there is
   one, belong to who is logged in, and are thrown away after 72 hours, on log-out and for somebody else. */

import { status } from "./outbox/sender.js";
import * as store from "./outbox/ground.js";
import { clock, say, tick } from "./outbox/ground.js";

const FRESH = 60_000;
const KEPT = 72 * 3_600_000;
const page = document;
const main = page.querySelector("main");
const shownAt = new Map();
let person;
let strip;
let dress;

export function begin(options) {
  ({ person, strip, dress } = options);
  const asked = page.querySelector("[data-phone]").dataset.page;
  const copied = page.documentElement.dataset.copy;
  if (copied) note(Date.parse(copied));
  // The service worker gave the start page for an address it does not have: the copy of that address goes into it.
  if (copied && asked !== location.pathname) show(location.pathname, false);
  window.addEventListener("popstate", () => back());
  if (options.keeps) keep(options.worker).catch(() => {});
}

/* Fetch what today may need, at most once a minute. */
async function keep(worker) {
  const fact = await store.get("facts", "copies");
  if (fact?.kept && Date.now() - fact.kept < FRESH) return;
  await new Promise((resolve) => { (window.requestIdleCallback ?? setTimeout)(resolve, { timeout: 2000 }); });
  const answer = await fetch("/m/outbox/pocket/", { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const parts = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("[data-copy]");
  const at = Date.now();
  await store.write(["copies", "facts"], ({ copies, facts }) => {
    copies.clear();
    for (const part of parts) copies.put({ url: part.dataset.copy, title: part.dataset.title, html: part.innerHTML, at, owner: person });
    facts.put({ name: "copies", owner: person, at, kept: at });
  });
  if ((await worker) && !(await caches.match("/m/"))) (await caches.open("gridgov-pages")).add("/m/").catch(() => {});
}

/* Follow a link without a network. */
export async function open(url) {
  if (await show(url.pathname, true)) return;
  if (navigator.serviceWorker?.controller) window.location.assign(url);
  else strip("kept", { tone: "soon", title: say("notKept"), text: say("notKeptAdvice") });
}

async function show(path, moves) {
  const copy = await store.get("copies", copyOf(path));
  if (!copy || copy.owner !== person || Date.now() - copy.at > KEPT) {
    if (!moves) strip("kept", { tone: "soon", title: say("notKept"), text: say("notKeptAdvice") });
    return false;
  }
  if (moves) {
    const held = page.createDocumentFragment();
    held.append(...body());
    shownAt.set(location.pathname, { held, title: heading().textContent, scroll: window.scrollY });
    history.pushState({ pocket: true }, "", path);
  } else body().forEach((part) => part.remove());
  heading().textContent = copy.title;
  page.title = copy.title;
  const found = new DOMParser().parseFromString(copy.html, "text/html").body;
  main.append(...found.childNodes);
  wanted(path);
  current(path);
  note(copy.at);
  tick(main);
  await dress();
  window.scrollTo(0, 0);
  main.focus();
  return true;
}

/* Steps stand in the copy of their order. */
const copyOf = (path) => path.replace(/^(\/m\/orders\/\d+\/).+/, "$1");

function wanted(path) {
  const step = main.querySelector(`[data-step="${CSS.escape(path.match(/\/moves\/(\w+)\//)?.[1] ?? "")}"]`);
  if (step) main.querySelectorAll("[data-step]").forEach((one) => { one.open = one === step; });
}

/* The tab of the bar one stands on: the address itself, or the longest one it lies below. */
function current(path) {
  const tabs = [...page.querySelectorAll("nav a.phone-tab")];
  const best = tabs.map((tab) => tab.pathname).filter((one) => path.startsWith(one)).sort((one, other) => other.length - one.length)[0];
  for (const tab of tabs) {
    if (tab.pathname === best) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
}

const heading = () => page.querySelector(".phone-top h1") ?? page.querySelector("h1");
const body = () => [...main.childNodes].filter((part) => !(part.matches?.("[data-phone-strips], [data-strips]")));

async function back() {
  const held = shownAt.get(location.pathname);
  if (!held) {
    if (status.online || !(await show(location.pathname, false))) window.location.reload();
    return;
  }
  body().forEach((part) => part.remove());
  main.append(held.held);
  heading().textContent = held.title;
  shownAt.delete(location.pathname);
  current(location.pathname);
  strip("copy", null);
  window.scrollTo(0, held.scroll);
}

function note(at) {
  strip("copy", { tone: "paused", title: say("copy", { when: clock(at) }), text: say("copyAdvice") });
}
