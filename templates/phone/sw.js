/* An accelerator, never needed: files of this version from the phone, the start page when there is no network, and a
   call to the outbox when the network is back. What is kept for reading lives in IndexedDB, see pocket.js. */

import { begin, flush } from "{{ prefix }}js/outbox/sender.js";
import { get } from "{{ prefix }}js/outbox/ground.js";

const FILES = "gridgov-{{ version }}";
const PAGES = "gridgov-pages";
const LISTED = {{ files|safe }};
const START = "/m/";
const PATIENCE = 6000;
const KEPT = 72 * 3600000;

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(FILES).then((cache) => cache.addAll(LISTED)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== FILES && name !== PAGES).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (LISTED.includes(url.pathname)) event.respondWith(fromFiles(request, url));
  else if (request.mode === "navigate" && url.pathname.startsWith(START)) event.respondWith(fromNetwork(request, url));
});

async function fromFiles(request, url) {
  const kept = await caches.match(url.pathname);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) (await caches.open(FILES)).put(url.pathname, answer.clone());
  return answer;
}

async function fromNetwork(request, url) {
  const asked = fetch(request).then(async (answer) => {
    if (url.pathname === START && answer.ok && !answer.redirected && !answer.headers.has("X-Gridgov-Viewing")) keep(answer.clone());
    return answer;
  });
  const patience = new Promise((resolve) => { setTimeout(resolve, PATIENCE, null); });
  const first = await Promise.race([asked.catch(() => null), patience]);
  return first ?? (await copy()) ?? asked;
}

function keep(answer) {
  caches.open(PAGES).then((cache) => cache.put(START, answer)).catch(() => {});
}

/* The start page as it was, marked with its age; nothing when it is too old. */
async function copy() {
  const kept = await caches.match(START, { cacheName: PAGES });
  if (!kept) return undefined;
  const at = Date.parse(kept.headers.get("Date"));
  if (Date.now() - at > KEPT) return undefined;
  const html = (await kept.text()).replace("<html ", `<html data-copy="${new Date(at).toISOString()}" `);
  return new Response(html, { headers: kept.headers });
}

self.addEventListener("sync", (event) => event.waitUntil(send()));

async function send() {
  const open = await self.clients.matchAll({ type: "window" });
  if (open.length) return;
  const fact = await get("facts", "owner");
  if (!fact) return;
  begin({ person: fact.person, cookie: fact.cookie, quiet: true });
  await flush(true);
}
