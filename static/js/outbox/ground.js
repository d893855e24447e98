/* What all scripts of the phone stand on, one file because each one is a round trip: what the phone keeps, and words.

   Kept in IndexedDB: items to send and their photos, drafts, copies of today's orders, a few facts. An item counts as
   saved when its transaction has been written to disk, not before. */

const STORES = { items: "id", photos: "id", drafts: "id", copies: "url", facts: "name" };
let opened;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open("gridgov", 1);
    asked.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) {
        const store = asked.result.createObjectStore(name, { keyPath });
        if (name === "photos") store.createIndex("of", "of");
      }
    };
    asked.onsuccess = () => {
      const db = asked.result;
      db.onversionchange = () => db.close();
      db.onclose = () => { opened = undefined; };
      resolve(db);
    };
    asked.onerror = () => reject(asked.error);
    asked.onblocked = () => reject(new Error("blocked"));
  });
  opened.catch(() => { opened = undefined; });
  return opened;
}

/* One transaction. `work` gets the stores by name and asks at once for all it wants; its answer comes when the
   transaction is complete. */
async function within(names, mode, work) {
  const db = await database();
  return new Promise((resolve, reject) => {
    const unit = db.transaction(names, mode, { durability: "strict" });
    let answer;
    unit.oncomplete = () => resolve(answer?.asked ? answer.asked.result : answer);
    unit.onabort = () => reject(unit.error ?? new Error("aborted"));
    const stores = Object.fromEntries(names.map((name) => [name, unit.objectStore(name)]));
    try {
      answer = work(stores, unit);
    } catch (error) {
      reject(error);
      unit.abort();
    }
  });
}

export const write = (names, work) => within(names, "readwrite", work);
export const get = (name, key) => within([name], "readonly", (stores) => ({ asked: stores[name].get(key) }));
export const all = (name) => within([name], "readonly", (stores) => ({ asked: stores[name].getAll() }));
export const put = (name, value) => write([name], (stores) => { stores[name].put(value); });
export const drop = (name, key) => write([name], (stores) => { stores[name].delete(key); });
export const photosOf = (owner) =>
  within(["photos"], "readonly", ({ photos }) => ({ asked: photos.index("of").getAll(owner) }));

/* Read, change, write back, with nobody in between. `change` returns nothing to leave it as it is. */
export function update(name, key, change) {
  const found = { value: undefined };
  return write([name], (stores) => {
    const asked = stores[name].get(key);
    asked.onsuccess = () => {
      const changed = change(asked.result);
      if (changed) stores[name].put(changed);
      found.value = changed ?? asked.result;
    };
  }).then(() => found.value);
}

/* Keep an item with its photos, and let go of what it was made from: a draft, or the refused item it puts right.
   Nothing, or all of it. Its photos have keys of their own, for those of the draft go. */
export function keepItem(item, pictures, { draft, instead } = {}) {
  return write(["items", "photos", "drafts"], ({ items, photos, drafts }) => {
    items.put(item);
    if (instead) items.delete(instead);
    if (instead) dropPhotos(photos, instead);
    if (draft) dropDraft(drafts, photos, draft);
    for (const picture of pictures) photos.put({ ...picture, of: item.id });
  }).then(announce);
}

export function dropItem(id) {
  return write(["items", "photos"], ({ items, photos }) => {
    items.delete(id);
    dropPhotos(photos, id);
  }).then(announce);
}

/* Pictures that come without bytes are there already. */
export function keepDraft(draft, pictures) {
  return write(["drafts", "photos"], ({ drafts, photos }) => {
    drafts.put(draft);
    const keep = new Set(pictures.map((one) => one.id));
    const cursor = photos.index("of").openCursor(draft.id);
    cursor.onsuccess = () => {
      const at = cursor.result;
      if (!at) return;
      if (!keep.delete(at.value.id)) at.delete();
      at.continue();
    };
    for (const picture of pictures) if (picture.bytes) photos.put({ ...picture, of: draft.id });
  });
}

/* A photo taken before its form is open goes into the form's draft. */
export function photoToDraft(id, { bytes, type, ...rest }) {
  return write(["drafts", "photos"], ({ drafts, photos }) => {
    const asked = drafts.get(id);
    asked.onsuccess = () => {
      const draft = asked.result ?? { id, fields: [], photos: [] };
      drafts.put({ ...draft, photos: [...draft.photos, rest], at: Date.now() });
    };
    photos.put({ id: rest.id, of: id, bytes, type });
  });
}

export function forgetDraft(id) {
  return write(["drafts", "photos"], ({ drafts, photos }) => dropDraft(drafts, photos, id));
}

function dropDraft(drafts, photos, id) {
  drafts.delete(id);
  dropPhotos(photos, id);
}

export function dropPhotos(photos, owner) {
  const cursor = photos.index("of").openKeyCursor(owner);
  cursor.onsuccess = () => {
    if (!cursor.result) return;
    photos.delete(cursor.result.primaryKey);
    cursor.result.continue();
  };
}

/* Everything that is only for reading: on log-out, for another person, after 72 hours. What is to be sent stays. */
export async function forgetCopies() {
  await write(["copies"], ({ copies }) => { copies.clear(); });
  if ("caches" in globalThis) await caches.delete("gridgov-pages");
}

/* Tabs tell each other that something changed. */
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("gridgov") : null;
const listeners = new Set();

export function onChange(listener) {
  listeners.add(listener);
}

export function announce() {
  channel?.postMessage("changed");
  for (const listener of listeners) listener();
}

if (channel) channel.onmessage = () => { for (const listener of listeners) listener(); };

/* crypto.randomUUID wants HTTPS; pilots run without. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/* --- the page's own words, and how times are said while it stands still: as pages/words.py says them --- */

const element = globalThis.document?.querySelector("script#phone-words");
export const words = element ? JSON.parse(element.textContent) : {};
const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

/* Fill %(name)s, %(name)d and %(name)02d. */
export function named(pattern = "", values = {}) {
  return pattern.replace(/%\((\w+)\)(0?)(\d*)[sd]/g, (whole, name, pad, width) =>
    values[name] === undefined ? whole : String(values[name]).padStart(pad ? Number(width) : 0, "0"));
}

export const say = (name, values) => named(words[name], values);

export function span(length) {
  const total = Math.abs(length);
  const days = Math.floor(total / DAY), hours = Math.floor((total % DAY) / HOUR), minutes = Math.floor((total % HOUR) / MINUTE);
  if (days >= 3 || (days && !hours)) return say(days === 1 ? "day" : "days", { count: days });
  if (days) return say(days === 1 ? "dayHours" : "daysHours", { count: days, hours });
  if (hours && minutes) return say("hoursMinutes", { hours, minutes });
  if (hours) return say("hours", { hours });
  return minutes ? say("minutes", { minutes }) : say("moment");
}

export function clock(at) {
  const then = new Date(at), now = new Date();
  const parts = { month: then.getMonth() + 1, day: then.getDate(), hour: then.getHours(), minute: then.getMinutes() };
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  if (then >= midnight && then - midnight < DAY) return say("today", parts);
  if (then < midnight && midnight - then <= DAY) return say("yesterday", parts);
  return say("date", parts);
}

/* Due clocks go on while a page stands still, or is read from a copy. */
export function tick(root = document) {
  for (const one of root.querySelectorAll("time.due[datetime]")) {
    const left = Date.parse(one.dateTime) - Date.now();
    if (Number.isNaN(left)) continue;
    const text = [...one.childNodes].find((node) => node.nodeType === Node.TEXT_NODE);
    const said = say(left >= 0 ? "left" : "over", { duration: span(left) });
    if (text && text.nodeValue !== said) text.nodeValue = said;
    if (left < 0 && (one.classList.contains("due-ok") || one.classList.contains("due-soon"))) {
      one.classList.remove("due-ok", "due-soon");
      one.classList.add("due-late");
    }
  }
}
