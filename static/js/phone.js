/* The phone on every page of the field: what is still to be sent, the network, the camera behind 上报, copies for
   reading without a network. Each page works without all of it. */

import { begin as beginSending, flush, status } from "./outbox/sender.js";
import * as store from "./outbox/ground.js";
import { say, span, tick } from "./outbox/ground.js";

const page = document;
const here = page.querySelector("[data-phone]");
const person = Number(here.dataset.person);
const DAY = 86_400_000;
const SHOUT_AFTER = DAY;
const COPIES_KEPT = 3 * DAY;
const LATER = ["./pocket.js", "./outbox/forms.js", "./outbox/receipt.js", "./pictures.js", "./report.js"];

/* --- what waits, and the network, in words --- */

async function show() {
  const items = await store.all("items");
  const mine = items.filter((item) => item.owner === person && item.state !== "done");
  const tray = mine.filter((item) => item.state !== "waiting");
  const waiting = mine.length - tray.length;
  const sealed = items.filter((item) => item.owner !== person && item.state !== "done").length;
  const late = mine.filter((item) => Math.abs(Date.now() - item.made) > SHOUT_AFTER).length;

  const badge = page.querySelector("[data-outbox-badge]");
  if (badge) {
    badge.hidden = !mine.length;
    badge.querySelector("[data-outbox-count]").textContent = mine.length || "";
    badge.querySelector("[data-outbox-count]").classList.toggle("count-late", tray.length > 0);
    badge.setAttribute("aria-label", say("unsent", { count: mine.length }));
  }
  for (const line of page.querySelectorAll("[data-outbox-line]")) {
    const parts = [];
    if (waiting) parts.push(status.sending && status.online ? `${say("unsent", { count: waiting })}, ${say("sending")}` : say("unsent", { count: waiting }));
    if (tray.length) parts.push(say("toCorrect", { count: tray.length }));
    if (!mine.length) parts.push(say("allSent"));
    if (!status.online) parts.push(Date.now() - status.since < 60_000 ? say("noNetwork") : say("noNetworkFor", { duration: span(Date.now() - status.since) }));
    setText(line, parts.join(" · "));
    line.dataset.tone = tray.length ? "late" : mine.length || !status.online ? "soon" : "ok";
  }

  strip("shout", late && { tone: "severe", title: say("shout", { count: late }), text: say("shoutAdvice"), url: here.dataset.outbox, link: say("look") });
  strip("login", !status.login && { tone: "soon", title: say("login"), text: say("loginAdvice"), url: `${here.dataset.login}?next=${encodeURIComponent(location.pathname)}`, link: say("logIn") });
  strip("sealed", sealed && { tone: "paused", title: say("sealed", { count: sealed }), text: say("sealedAdvice") });
}

function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/* A strip of a name is shown once, changed only when it says something else, and goes with its reason. */
export function strip(name, what) {
  const place = page.querySelector("[data-phone-strips]") ?? page.querySelector("[data-strips]");
  if (!place) return;
  const old = place.querySelector(`[data-strip="${name}"]`);
  const said = what ? JSON.stringify(what) : "";
  if ((old?.dataset.said ?? "") === said) return;
  old?.remove();
  if (!what) return;
  const copy = page.querySelector("template[data-phone-strip]").content.firstElementChild.cloneNode(true);
  Object.assign(copy.dataset, { strip: name, said });
  copy.classList.add(`tone-${what.tone}`);
  copy.setAttribute("role", what.tone === "severe" ? "alert" : "status");
  copy.querySelector("strong").textContent = what.title;
  copy.querySelector("span").textContent = what.text ?? "";
  const link = copy.querySelector("a");
  if (what.link) {
    link.textContent = what.link;
    link.href = what.url ?? "#";
    if (what.act) link.addEventListener("click", (event) => { event.preventDefault(); what.act(); });
  } else link.remove();
  place.append(copy);
}

/* Links work without a network as far as there are copies; the module for it is loaded when it is needed. */
let pocket;

function openPocket(keeps = false) {
  pocket ??= import("./pocket.js").then((module) => {
    module.begin({ person, strip, dress, keeps, worker });
    return module;
  });
  return pocket;
}

const connected = () => status.online && navigator.onLine;

function travel(url) {
  if (connected()) window.location.assign(url);
  else openPocket().then((module) => module.open(url));
}

page.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || connected() || event.defaultPrevented || event.metaKey || event.ctrlKey || link.target) return;
  const url = new URL(link.href, window.location.href);
  if (url.origin !== window.location.origin || !url.pathname.startsWith("/m/") || (url.pathname === window.location.pathname && url.hash)) return;
  event.preventDefault();
  travel(url);
});

/* --- the camera opens with the tap on 上报; the position is looked for meanwhile --- */

function openCamera(tab) {
  const input = page.createElement("input");
  Object.assign(input, { type: "file", accept: "image/*", hidden: true });
  input.setAttribute("capture", "environment");
  input.dataset.tabCamera = "";
  page.body.append(input);
  const fix = import("./place.js").then(({ findFix }) => findFix()).catch(() => null);
  const go = () => {
    input.remove();
    travel(new URL(tab.href));
  };
  input.addEventListener("change", async () => {
    const file = input.files[0];
    strip("working", { tone: "brand", title: say("working") });
    try {
      const { shrink } = await import("./pictures.js");
      const small = await shrink(file);
      const found = await Promise.race([fix, new Promise((resolve) => { setTimeout(resolve, 300, null); })]);
      await store.photoToDraft(`${person} ${new URL(tab.href).pathname}`, {
        id: store.uuid(),
        name: "photos",
        type: small.type,
        bytes: await small.arrayBuffer(),
        camera: true,
        taken: new Date(file.lastModified).toISOString(),
        fix: found ?? undefined,
      });
    } catch { /* the form is there without it */ }
    go();
  });
  input.addEventListener("cancel", go);
  // Browsers that do not tell of a cancelled camera come back without a word.
  window.addEventListener("focus", () => setTimeout(() => { if (input.isConnected && !input.files.length) go(); }, 4000), { once: true });
  input.click();
}

page.addEventListener("click", (event) => {
  const tab = event.target.closest("a.phone-tab-report");
  if (!tab || !matchMedia("(pointer: coarse)").matches || !("indexedDB" in window)) return;
  event.preventDefault();
  const camera = page.querySelector("form[data-report] [data-name=photos] input[data-camera]");
  if (camera && !camera.closest("[data-full], [hidden]")) camera.click();
  else openCamera(tab);
});

/* Apple's phones open their own maps by another scheme. */
page.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-navigate][href^='geo:']");
  if (link && /iPhone|iPad|Macintosh/.test(navigator.userAgent)) link.href = `maps:?q=${link.href.match(/^geo:([^?]+)/)[1]}`;
}, true);

/* --- pages for reading without a network --- */

async function guardCopies() {
  const fact = await store.get("facts", "copies");
  if (fact && fact.owner === person && Date.now() - fact.at < COPIES_KEPT) return;
  await store.forgetCopies();
  await store.put("facts", { name: "copies", owner: person, at: Date.now() });
}

/* Bring the forms of the page to life, or of a copy that took its place. Without a store they go the plain way. */
async function dress(keeps = true) {
  const [forms, report, receipts] = await Promise.all([
    keeps && page.querySelector("form[data-outbox]") ? import("./outbox/forms.js") : null,
    page.querySelector("form[data-report]") ? import("./report.js") : null,
    page.querySelector("[data-outbox-page]") ? import("./outbox/receipt.js") : null,
  ]);
  if (!keeps && page.querySelector("[data-pictures]")) await import("./pictures.js");
  forms?.begin(person);
  report?.begin();
  forms?.dress(page);
  receipts?.list(person);
}

page.addEventListener("outbox:saved", async (event) => {
  const { receiptInPlace } = await import("./outbox/receipt.js");
  receiptInPlace(event.target, event.detail.item);
});
page.addEventListener("outbox:full", () => strip("full", { tone: "late", title: say("full"), text: say("fullAdvice") }));
page.addEventListener("outbox:draft", (event) => {
  const { id } = event.detail;
  strip("draft", {
    tone: "brand", title: say("draft"), link: say("draftDrop"), act: () => store.forgetDraft(id).then(() => window.location.reload()),
  });
});

async function start() {
  const keeps = await store.put("facts", { name: "owner", person, cookie: here.dataset.csrf }).then(() => true, () => false);
  await dress(keeps);
  // Without a store (some private windows) that is all.
  if (!keeps) return;
  store.onChange(() => show().catch(() => {}));
  beginSending({ person, cookie: here.dataset.csrf });
  await show();
  setInterval(() => { show().catch(() => {}); tick(); }, 15_000);
  tick();
  await guardCopies();
  const copied = page.documentElement.dataset.copy !== undefined;
  if (copied || here.dataset.page === "/m/") await openPocket(!copied);
  // Without a service worker what may be needed without a network is loaded while there is one.
  if (!(await worker)) for (const module of LATER) import(module);
}

/* Whether a service worker stands by; registered when the page is there, for it fetches its own files. */
const worker = new Promise((resolve) => {
  const register = () => {
    const asked = navigator.serviceWorker?.register("/sw.js", { scope: "/m/", type: "module" });
    resolve(asked ? asked.then(Boolean, () => false) : false);
  };
  if (page.readyState === "complete") register();
  else window.addEventListener("load", register);
});

start().catch((error) => console.warn(error));

page.addEventListener("click", (event) => {
  if (event.target.closest("[data-outbox-now]")) flush(true);
});
