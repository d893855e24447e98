/* What became of an item: saved → delivered with its number → accepted; or why not, and what can be done about it. */

import { flush, blocked, status } from "./sender.js";
import * as store from "./ground.js";
import { clock, say } from "./ground.js";

const page = document;
const ASK_EVERY = 60_000;
const SETTLED = new Set(["accepted", "turned_away", "closed"]);

/* --- one receipt --- */

function draw(item) {
  const box = page.querySelector("template[data-receipt]").content.firstElementChild.cloneNode(true);
  box.dataset.item = item.id;
  fillIn(box, item);
  return box;
}

async function fillIn(box, item) {
  const isBlocked = item.state === "waiting" && (await blocked(item));
  const signature = JSON.stringify([item, isBlocked, status.online]);
  if (box.dataset.signature === signature) return;
  box.dataset.signature = signature;
  const part = (name) => box.querySelector(`[data-receipt-${name}]`);
  const put = (name, text) => {
    part(name).textContent = text;
    part(name).hidden = !text;
  };
  box.dataset.state = item.state;
  put("title", item.title);
  put("state", stateOf(item, isBlocked));
  put("when", say("madeAt", { when: clock(item.made) }));
  put("number", item.number && item.kind === "report" ? item.number : "");
  const wanted = item.photos.filter((photo) => !photo.dropped);
  put("photos", wanted.length ? say("photos", { done: wanted.filter((photo) => photo.key).length, all: wanted.length }) : "");
  steps(box, item);
  trouble(box, part, item);
  part("actions").replaceChildren(...actions(box, item));
}

function stateOf(item, isBlocked) {
  if (item.state === "refused" || item.state === "stale") return say(item.state);
  if (item.answer) return item.answerWords || say(item.answer);
  if (item.number && item.kind === "report") return say("received");
  if (item.number || item.state === "done") return item.said || say("delivered");
  if (isBlocked) return say("waitsForOther");
  return status.online ? `${say("saved")}, ${say("sending")}` : say("waits");
}

/* Saved, delivered, accepted. Steps on an order are accepted by being delivered. */
function steps(box, item) {
  const reached = item.number || item.state === "done" ? (item.kind !== "report" || SETTLED.has(item.answer) ? 3 : 2) : 1;
  const list = box.querySelector(".receipt-steps");
  list.hidden = item.state === "refused" || item.state === "stale";
  [...list.children].forEach((step, place) => {
    step.dataset.done = place < reached ? "yes" : "no";
    if (place === reached - 1) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
    step.hidden = place === 2 && item.kind !== "report";
  });
}

function trouble(box, part, item) {
  const said = item.trouble;
  part("trouble").hidden = !said;
  part("why").replaceChildren();
  if (!said) return;
  const lines = [said.code === "too_long" ? say("tooLong") : said.detail, ...Object.values(said.errors ?? {}).flat()];
  for (const text of new Set(lines.filter(Boolean))) {
    const line = page.createElement("p");
    line.textContent = text;
    part("why").append(line);
  }
  if (item.state === "stale" && item.order) showChanges(box, item);
}

async function showChanges(box, item) {
  const place = box.querySelector("[data-receipt-changes]");
  if (place.childElementCount) return;
  try {
    const answer = await fetch(`/m/outbox/${item.order}/changes/?since=${item.version ?? 0}`, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").body.firstElementChild;
    const head = page.createElement("h3");
    head.textContent = say("changes");
    place.replaceChildren(head, found);
    box.dataset.present = found?.dataset.version ?? "";
  } catch { /* no network: it is asked again when the page is looked at next */ }
}

function actions(box, item) {
  const photo = item.trouble?.photo;
  const found = [];
  const add = (name, act, main = false) => {
    const button = page.createElement("button");
    Object.assign(button, { type: "button", className: main ? "button button-primary" : "button", textContent: say(name) });
    button.addEventListener("click", act);
    found.push(button);
  };
  const link = (name, url, main = false) => {
    const one = page.createElement("a");
    Object.assign(one, { href: url, className: main ? "button button-primary" : "button", textContent: say(name) });
    found.push(one);
  };
  if (item.state === "done" || item.number) {
    const address = item.address ?? (item.order ? `/m/orders/${item.order}/` : "");
    if (address) link("open", address);
    if (item.state === "done") return found;
  }
  const tray = item.state === "refused" || item.state === "stale";
  if (photo) {
    if (tray) add("again", () => retry(item), true);
    add("dropPhoto", () => leaveOut(item, photo));
    return found;
  }
  if (item.state === "refused" && item.kind !== "same") link("mend", `${item.url}?mend=${item.id}`, true);
  if (tray) {
    if (item.state === "stale") {
      add("anyway", () => retry(item, box.dataset.present), true);
      if (item.kind === "move" && remark(item)) add("asComment", () => asRemark(item));
      link("open", `/m/orders/${item.order}/`);
    } else add("again", () => retry(item));
    add("discard", () => { if (window.confirm(say("discardSure"))) store.dropItem(item.id); });
  }
  return found;
}

/* --- what a person decides --- */

async function retry(item, version) {
  await store.update("items", item.id, (one) => one && { ...one, state: "waiting", trouble: undefined, next: 0, tries: 0, version: version || one.version });
  store.announce();
  flush(true);
}

async function leaveOut(item, photo) {
  await store.drop("photos", photo);
  await store.update("items", item.id, (one) => one && {
    ...one,
    photos: one.photos.map((each) => (each.id === photo ? { ...each, dropped: true } : each)),
    state: "waiting", trouble: undefined, next: 0, tries: 0,
  });
  store.announce();
  flush(true);
}

/* The words of a step that is not open any more, kept as a remark on the order. */
const remark = (item) => item.fields.filter(([name, value]) => value && !/__sent$|^(resolved|outcome|until|approve)$/.test(name)).map(([, value]) => value).join("\n");

async function asRemark(item) {
  const text = `${item.title.split(" · ")[0]}\n${remark(item)}`;
  await store.update("items", item.id, (one) => one && {
    ...one,
    kind: "remark", url: `/m/orders/${one.order}/moves/comment/`, fields: [["text", text]],
    state: "waiting", trouble: undefined, next: 0, tries: 0, version: "",
  });
  store.announce();
  flush(true);
}

/* --- where receipts stand --- */

/* In the place of the form that was sent. */
export function receiptInPlace(form, item) {
  const report = page.querySelector("[data-saved-receipt]");
  const box = draw(item);
  if (form.matches("[data-report]") && report) report.replaceChildren(box);
  else {
    const place = page.createElement("div");
    place.className = "stack saved";
    place.tabIndex = -1;
    place.append(box);
    form.replaceWith(place);
    place.focus();
    unfold(place, item);
  }
  follow(box, item.id);
}

/* On a copy that is read without a network, one step opens the next. */
function unfold(place, item) {
  const step = place.closest("[data-step]");
  const next = step && step.parentElement.querySelector(`[data-after="${step.dataset.step}"]`);
  for (const other of step?.parentElement.querySelectorAll("[data-step]") ?? []) other.hidden = other !== step && other !== next;
  if (next) {
    next.hidden = false;
    next.open = true;
    next.querySelector("form").dataset.version = item.version;
  }
}

function follow(box, id) {
  let asked = 0;
  const refresh = async () => {
    if (!box.isConnected) return;
    const item = await store.get("items", id);
    if (!item) return;
    await fillIn(box, item);
    if (item.number && item.kind === "report" && !SETTLED.has(item.answer) && Date.now() - asked > ASK_EVERY) {
      asked = Date.now();
      await askAfter([item]);
    }
  };
  store.onChange(refresh);
  setInterval(refresh, 15_000);
}

/* How the centre took them on. */
async function askAfter(items) {
  const numbers = items.filter((item) => item.kind === "report" && item.number && !SETTLED.has(item.answer)).map((item) => item.number);
  if (!numbers.length) return;
  try {
    const query = new URLSearchParams(numbers.map((number) => ["number", number]));
    const answer = await fetch(`/m/outbox/receipts/?${query}`, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    for (const { number, state, words } of (await answer.json()).orders) {
      const item = items.find((one) => one.number === number);
      await store.update("items", item.id, (one) => one && { ...one, answer: state, answerWords: SETTLED.has(state) ? words : "" });
    }
    store.announce();
    // Something got through: no need to wait any longer with the rest.
    flush(true);
  } catch { /* asked again later */ }
}

/* The outbox's own page: what has to be put right, what waits, what has arrived. */
export function list(person) {
  const root = page.querySelector("[data-outbox-page]");
  if (root.dataset.alive !== undefined) return;
  root.dataset.alive = "";
  const refresh = async () => {
    if (!root.isConnected) return;
    const mine = (await store.all("items")).filter((item) => item.owner === person).sort((one, other) => other.made - one.made);
    const parts = {
      tray: mine.filter((item) => item.state === "refused" || item.state === "stale"),
      waiting: mine.filter((item) => item.state === "waiting"),
      arrived: mine.filter((item) => item.state === "done"),
    };
    for (const [name, items] of Object.entries(parts)) {
      const section = root.querySelector(`[data-outbox-${name}]`);
      const place = section.querySelector("[data-outbox-list]");
      section.hidden = !items.length;
      const old = new Map([...place.children].map((box) => [box.dataset.item, box]));
      place.replaceChildren(...items.map((item) => {
        const box = old.get(item.id);
        if (!box) return draw(item);
        fillIn(box, item);
        return box;
      }));
    }
    root.querySelector("[data-outbox-empty]").hidden = mine.length > 0;
  };
  store.onChange(refresh);
  refresh().then(async () => askAfter((await store.all("items")).filter((item) => item.owner === person)));
}

/* --- a likely duplicate that came to light after saving --- */

export function offerLate(place, parts, item) {
  place.replaceChildren(...parts);
  place.querySelector("[data-before]")?.remove();
  for (const button of place.querySelectorAll("button[data-outbox=same]")) {
    button.type = "button";
    button.addEventListener("click", async () => {
      await becomeSame(item.id, button);
      place.replaceChildren();
    });
  }
}

/* What has not been on its way yet simply turns into a remark on the other order; what may have arrived already is
   taken back there, and said again on the other one. */
async function becomeSame(id, button) {
  const { order, title } = button.dataset;
  const url = new URL(button.getAttribute("formaction"), location.href).pathname;
  let turned = false;
  const item = await store.update("items", id, (one) => {
    if (!one || one.firstTry || one.number) return undefined;
    turned = true;
    return { ...one, kind: "same", url, order, title, photos: one.photos.map((photo) => ({ ...photo, kind: "other" })) };
  });
  if (!turned) {
    const fields = item.fields.filter(([name]) => name === "description");
    const common = { owner: item.owner, photos: [], made: Date.now(), state: "waiting", tries: 0 };
    await store.put("items", { ...common, id: store.uuid(), kind: "same", url, order, title, fields });
    if (item.number) {
      const fieldsOfVoid = [["reason", say("sameWhy", { number: order })]];
      await store.put("items", { ...common, id: store.uuid(), kind: "move", order: item.number, title: item.title, url: `/m/orders/${item.number}/moves/void/`, fields: fieldsOfVoid });
    }
  }
  store.announce();
  flush(true);
}
