/* Sends what is kept: words first, photos after them one by one, each until the server has answered for it.

   An item: {id, owner, kind, url, title, fields, order, version, photos, made, state, tries, next, trouble, number, …}
   state: waiting → done, or refused / stale, which wait for a person. Every request carries the item's own UUID, so it
   may be repeated as often as the network wants. One tab sends at a time; were there two, the UUIDs would still hold. */

import * as store from "./ground.js";

const EVERY = 20_000;
const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 60_000;
const SLOW = 600_000;
const KEPT_ANSWERS = 90 * 86_400_000;
const RECEIPTS = 72 * 3_600_000;
const WORDS_PATIENCE = 30_000;
const PHOTO_PATIENCE = 180_000;
const HOLD = 15_000;

/* How things stand: is there a network, since when not, is the log-in still good, is something on its way. */
export const status = { online: navigator.onLine !== false, since: 0, login: true, sending: false };

let person;
let cookie;
let failures = 0;
let notBefore = 0;
let running = false;
let again = false;

/* `quiet`: in the service worker, where one round is all there is. */
export function begin(options) {
  ({ person, cookie } = options);
  if (options.quiet) return;
  window.addEventListener("online", () => flush(true));
  window.addEventListener("offline", () => {
    noteLoss();
    store.announce();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") flush(true);
  });
  setInterval(() => flush(), EVERY);
  flush(true);
}

/* Send everything that is due. `now` forgets earlier pauses: somebody saved, came back, or a network appeared. */
export async function flush(now = false) {
  if (!person) return;
  if (now) notBefore = 0;
  if (running) {
    again ||= now;
    return;
  }
  if (Date.now() < notBefore) {
    remind();
    return;
  }
  running = true;
  try {
    do {
      again = false;
      await lease(round);
    } while (again);
  } catch (error) {
    if (!(error instanceof Halt)) console.warn(error);
  } finally {
    running = false;
    status.sending = false;
    store.announce();
    remind();
  }
}

/* One pass over what is due: all words, then all photos. Stops at the first sign that nothing gets through. */
async function round() {
  for (const step of [sendWords, sendPhotos]) {
    for (const { id } of await due()) {
      const item = await store.get("items", id);
      if (item?.state === "waiting" && !(await blocked(item))) {
        status.sending = true;
        await step(item);
      }
    }
  }
  await tidy();
}

async function due() {
  const items = await store.all("items");
  return items
    .filter((item) => item.owner === person && item.state === "waiting" && (item.next ?? 0) <= Date.now() + skewGuard(item))
    .sort((one, other) => one.made - other.made || (one.id < other.id ? -1 : 1));
}

/* A clock that was set back must not let an item wait for ever. */
function skewGuard(item) {
  return (item.next ?? 0) - Date.now() > 2 * SLOW ? Infinity : 0;
}

/* Steps on one order go in the order they were taken. */
export async function blocked(item) {
  if (!item.order || item.kind === "photos") return false;
  const earlier = (await store.all("items")).filter(
    (one) => one.owner === item.owner && one.order === item.order && one.kind === "move" && one.state !== "done" && one.made < item.made,
  );
  return earlier.length > 0;
}

const photosFirst = (item) => item.kind === "move";
const unsent = (item) => item.photos.filter((photo) => !photo.key && !photo.dropped);

async function sendWords(item) {
  if (item.number || !item.url) return;
  if (photosFirst(item) && unsent(item).length) {
    await sendPhotos(item, item.order);
    item = await store.get("items", item.id);
    if (item?.state !== "waiting" || unsent(item).length) return;
  }
  if (item.firstTry && Date.now() - item.firstTry > KEPT_ANSWERS) {
    await settle(item, { state: "refused", trouble: { code: "too_long" } });
    return;
  }
  await store.update("items", item.id, (one) => one && { ...one, firstTry: one.firstTry ?? Date.now() });
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  if (item.version !== undefined && item.version !== "") headers["If-Match"] = `"${item.version}"`;
  const fields = [...item.fields];
  for (const photo of item.photos) if (photosFirst(item) && photo.key) fields.push([`${photo.name}__sent`, photo.key]);
  const body = new URLSearchParams(fields).toString();
  const answer = await ask(item, item.url, { method: "POST", headers, body, patience: WORDS_PATIENCE });
  if (answer?.number) {
    const { number, order, text, to } = answer;
    await settle(item, { number, address: order ?? to, said: text, arrived: Date.now() });
  }
}

async function sendPhotos(item, number = item.number ?? (item.url ? "" : item.order)) {
  if (!number) return;
  for (const photo of unsent(item)) {
    const kept = await store.get("photos", photo.id);
    if (!kept) {
      await mark(item, photo, { dropped: true });
      continue;
    }
    const query = new URLSearchParams({ kind: photo.kind });
    for (const name of ["taken", "lon", "lat"]) if (photo[name] !== undefined) query.set(name, photo[name]);
    const answer = await ask(item, `/m/outbox/${number}/photos/${photo.id}/?${query}`, {
      method: "PUT",
      headers: { "Content-Type": kept.type || "image/jpeg" },
      body: kept.bytes,
      key: photo.id,
      photo,
      patience: PHOTO_PATIENCE,
    });
    if (answer?.photo) {
      await mark(item, photo, { key: answer.photo });
      await store.drop("photos", photo.id);
    } else if ((await store.get("items", item.id))?.state !== "waiting") return;
  }
  await settle(item, {});
}

function mark(item, photo, more) {
  return store
    .update("items", item.id, (one) => {
      if (!one) return undefined;
      const photos = one.photos.map((each) => (each.id === photo.id ? { ...each, ...more } : each));
      return { ...one, photos, tries: 0, next: 0, trouble: undefined };
    })
    .then(store.announce);
}

/* Write down what became of an item; it is done when its words have a number and no photo is left. */
function settle(item, more) {
  return store
    .update("items", item.id, (one) => {
      if (!one) return undefined;
      const next = { ...one, ...more };
      if (!more.state && !more.trouble) Object.assign(next, { tries: 0, next: 0, trouble: undefined });
      if (next.state === "waiting" && (next.number || !next.url) && !unsent(next).length) {
        Object.assign(next, { state: "done", number: next.number ?? next.order, doneAt: Date.now() });
      }
      return next;
    })
    .then(store.announce);
}

/* --- one request --- */

class Halt extends Error {}

async function ask(item, url, { method, headers, body, key = item.id, photo, patience, second }) {
  let answer;
  try {
    answer = await fetch(url, {
      method,
      body,
      headers: {
        ...headers,
        Accept: "application/json",
        "Idempotency-Key": key,
        "Gridgov-Person": String(item.owner),
        "Gridgov-Made": String(item.made),
        "Gridgov-Sent": String(Date.now()),
        "X-CSRFToken": token(),
      },
      credentials: "same-origin",
      redirect: "manual",
      cache: "no-store",
      signal: timeout(patience),
    });
  } catch {
    return lost();
  }
  const said = await read(answer);
  if (answer.ok && said) {
    reached();
    return said;
  }
  // A page in between (a hotel's log-in, a proxy's excuse) is no answer of ours.
  if (answer.type === "opaqueredirect" || answer.status === 401) return loggedOut();
  if (answer.status === 403 && (!said || said.code === "other_person")) {
    const now = second ? null : await whoami();
    if (now === undefined) return lost();
    return now === person ? ask(item, url, { method, headers, body, key, photo, patience, second: true }) : loggedOut();
  }
  if (answer.ok || answer.status < 400) return lost();
  return refusal(item, photo, answer, said ?? {});
}

async function refusal(item, photo, answer, said) {
  const trouble = { status: answer.status, code: said.code, detail: said.detail, errors: said.errors, photo: photo?.id };
  const { status: code } = answer;
  reached();
  if (code === 409 && said.code === "idempotency_in_progress") return pauseItem(item, photo, undefined, 2_000);
  if (code === 409 && said.code !== "idempotency_conflict") return settle(item, { state: "stale", trouble });
  if (code === 413) return pauseItem(item, photo, trouble, SLOW);
  if (code === 408 || code === 425 || code === 429 || code >= 500) {
    const wait = Number(answer.headers.get("Retry-After")) * 1000;
    return pauseItem(item, photo, undefined, wait > 0 ? wait : pause(item.tries ?? 0));
  }
  return settle(item, { state: "refused", trouble });
}

function pauseItem(item, photo, trouble, wait) {
  return store.update("items", item.id, (one) => one && { ...one, trouble, tries: (one.tries ?? 0) + 1, next: Date.now() + wait });
}

async function read(answer) {
  if (!/json/.test(answer.headers.get("Content-Type") ?? "")) return null;
  try {
    return await answer.json();
  } catch {
    return null;
  }
}

function timeout(patience) {
  if (AbortSignal.timeout) return AbortSignal.timeout(patience);
  const control = new AbortController();
  setTimeout(() => control.abort(), patience);
  return control.signal;
}

/* The token of the present session; Django keeps it in a cookie that scripts may read. */
let fresh = "";
function token() {
  const found = typeof document === "undefined" ? "" : document.cookie.match(new RegExp(`(?:^|; )${cookie}=([^;]+)`))?.[1];
  return found ?? fresh;
}

/* Whose session it is by now: null for nobody's, undefined when the server cannot be asked. */
async function whoami() {
  try {
    const answer = await fetch("/m/outbox/whoami/", {
      headers: { Accept: "application/json" },
      credentials: "same-origin",
      redirect: "manual",
      cache: "no-store",
      signal: timeout(WORDS_PATIENCE),
    });
    const said = await read(answer);
    fresh = said?.csrf ?? "";
    return said?.person ?? null;
  } catch {
    return undefined;
  }
}

function pause(tries) {
  return Math.ceil(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(tries, 6)) * (0.5 + Math.random()));
}

function reached() {
  failures = 0;
  Object.assign(status, { online: true, since: 0, login: true });
}

/* Nothing gets through: stop the round, try again soon. A link that hardly works is tried every 20 seconds at least;
   the longer pauses are for a server that asks to be left alone. */
function lost() {
  notBefore = Date.now() + Math.min(pause(failures), EVERY);
  failures += 1;
  noteLoss();
  navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("gridgov-outbox")).catch(() => {});
  throw new Halt("no network");
}

function noteLoss() {
  if (status.online || !status.since) Object.assign(status, { online: false, since: Date.now() });
}

function loggedOut() {
  status.login = false;
  notBefore = Date.now() + LONGEST_PAUSE;
  throw new Halt("logged out");
}

/* The next try, when it is due before the clock of every 20 seconds. Timers may ring a little early: then it is set
   again, or a pause of two seconds would become one of twenty. */
let reminder;
function remind() {
  clearTimeout(reminder);
  store.all("items").then((items) => {
    const mine = items.filter((item) => item.owner === person && item.state === "waiting");
    if (!mine.length) return;
    const next = Math.max(notBefore, Math.min(...mine.map((item) => item.next ?? 0)));
    reminder = setTimeout(() => flush(), Math.max(100, Math.min(EVERY, next - Date.now())));
  }, () => {});
}

/* Receipts of what has arrived are kept for three days. */
async function tidy() {
  for (const item of await store.all("items")) {
    if (item.state === "done" && item.owner === person && Date.now() - (item.doneAt ?? 0) > RECEIPTS) await store.dropItem(item.id);
  }
}

/* --- one tab at a time --- */

const holder = store.uuid();

async function lease(work) {
  if (navigator.locks) {
    return navigator.locks.request("gridgov-sender", { ifAvailable: true }, (lock) => (lock ? work() : undefined));
  }
  if (!(await hold())) return undefined;
  const beat = setInterval(hold, HOLD / 3);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    await store.update("facts", "sender", (fact) => (fact?.holder === holder ? { name: "sender", holder: "", until: 0 } : undefined));
  }
}

async function hold() {
  const now = Date.now();
  const kept = await store.update("facts", "sender", (fact) => {
    const free = !fact?.holder || fact.holder === holder || fact.until < now || fact.until > now + 4 * HOLD;
    return free ? { name: "sender", holder, until: now + HOLD } : undefined;
  });
  return kept?.holder === holder;
}
