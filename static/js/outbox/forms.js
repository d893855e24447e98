/* Forms that go through the outbox: saved on the phone first, with their photos; half-filled ones are kept as drafts.
   A form says data-outbox (report, move, same, photos), perhaps data-order, data-version, data-title. */

import { addPictures, improve, picturesOf } from "../pictures.js";
import { flush } from "./sender.js";
import * as store from "./ground.js";

const LATER = 500;
const KEPT = 7 * 86_400_000;
const OURS = new Set(["csrfmiddlewaretoken", "form_key", "next"]);
let person;

export function begin(owner) {
  if (person) return;
  person = owner;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.outbox === undefined || form.dataset.direct !== undefined) return;
    event.preventDefault();
    save(form, event.submitter);
  }, true);
}

export function dress(root) {
  root.querySelectorAll("[data-pictures]").forEach(improve);
  root.querySelectorAll("form[data-outbox]").forEach(remember);
}

/* --- saving --- */

async function save(form, submitter) {
  if (form.dataset.saving !== undefined) return;
  form.dataset.saving = "";
  const button = submitter ?? form.querySelector("[type=submit]");
  button?.setAttribute("aria-busy", "true");
  try {
    const wrong = submitter?.formNoValidate ? null : firstWrong(form);
    if (wrong) {
      complain(wrong);
      return;
    }
    const pictures = await gather(form);
    const item = itemOf(form, submitter, pictures);
    const instead = form.dataset.mends;
    if (instead) item.photos.unshift(...(await store.get("items", instead)).photos.filter((photo) => photo.key));
    await store.keepItem(item, pictures.map(({ id, bytes, type }) => ({ id, bytes, type })), { draft: draftOf(form), instead });
    navigator.storage?.persist?.();
    stopRemembering(form);
    form.dispatchEvent(new CustomEvent("outbox:saved", { bubbles: true, detail: { item } }));
    flush(true);
  } catch (error) {
    // Storage is full or refused: the form stays, and with a network it can still go the plain way.
    form.dispatchEvent(new CustomEvent("outbox:full", { bubbles: true, detail: { error } }));
  } finally {
    delete form.dataset.saving;
    button?.removeAttribute("aria-busy");
  }
}

function itemOf(form, submitter, pictures) {
  const set = { ...form.dataset, ...submitter?.dataset };
  const kind = set.outbox;
  const url = new URL(submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href, location.href).pathname;
  const fields = kind === "photos" ? [] : entries(form).filter(([name]) => !OURS.has(name));
  const after = pictures.filter((one) => one.name === "after").length;
  if (kind === "report" && after) fields.push(["after_to_come", String(after)]);
  return {
    id: store.uuid(),
    owner: person,
    kind,
    url: kind === "photos" ? "" : url,
    title: titleOf(form, set),
    fields,
    order: set.order,
    version: set.version,
    photos: pictures.map(({ bytes, type, ...rest }) => ({ ...rest, size: bytes.byteLength })),
    made: Date.now(),
    state: "waiting",
    tries: 0,
  };
}

function titleOf(form, set) {
  if (set.title) return set.title;
  const kind = form.querySelector("[name=category]:checked");
  const typed = form.querySelector("[name=description]")?.value.trim();
  return [kind?.value ? kind.closest("label").textContent.trim() : "", typed].filter(Boolean).join(" · ").slice(0, 80);
}

/* What a form says, files left out: they are kept apart. */
function entries(form) {
  return [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !name.endsWith("_taken"));
}

async function gather(form) {
  const found = [];
  for (const field of form.querySelectorAll("[data-pictures]")) {
    for (const one of picturesOf(field)) {
      await one.working;
      const kind = field.dataset.photoKind || form.querySelector("[name=kind]:checked")?.value || "other";
      found.push({
        id: store.uuid(),
        name: field.dataset.name,
        kind,
        bytes: await one.file.arrayBuffer(),
        type: one.file.type,
        ...(one.taken ? { taken: Date.parse(one.taken) } : {}),
        ...(one.fix ? { lon: one.fix.lon, lat: one.fix.lat } : {}),
      });
    }
  }
  return found;
}

/* --- what the server would refuse anyway is said at once --- */

function firstWrong(form) {
  const asked = new CustomEvent("outbox:check", { detail: { wrong: null } });
  form.dispatchEvent(asked);
  if (asked.detail.wrong) return asked.detail.wrong;
  const given = new FormData(form);
  const filled = (name) => String(given.get(name) ?? "").trim() !== "";
  for (const pair of form.querySelectorAll(".move-field-pair")) {
    const name = pair.dataset.field.replace(/__usual$/, "");
    if (!filled(name) && !filled(`${name}__usual`)) return { field: pair, text: form.dataset.wordsEmpty };
  }
  const shown = form.querySelector("[data-needs-photo]");
  if (shown && !picturesOf(shown).length) return { field: shown, text: shown.dataset.needsPhoto };
  return null;
}

function complain({ field, text }) {
  field.querySelector("[data-complaint]")?.remove();
  const note = document.createElement("p");
  note.className = "field-error";
  note.dataset.complaint = "";
  note.setAttribute("role", "alert");
  note.textContent = text;
  const legend = field.querySelector("legend");
  if (legend) legend.after(note);
  else field.prepend(note);
  field.scrollIntoView({ block: "center" });
  const target = field.querySelector("input:not([type=hidden]), select, textarea, button") ?? field;
  target.focus({ preventScroll: true });
  field.addEventListener("change", () => note.remove(), { once: true });
  field.addEventListener("pictures", () => note.remove(), { once: true });
}

/* --- drafts --- */

const watched = new WeakMap();

function draftOf(form) {
  return `${person} ${new URL(form.getAttribute("action") ?? location.href, location.href).pathname}`;
}

async function remember(form) {
  if (watched.has(form)) return;
  const watch = { stored: new Set(), timer: 0 };
  watched.set(form, watch);
  if (form.dataset.bound === undefined) await bringBack(form, watch).catch(() => {});
  const later = () => {
    clearTimeout(watch.timer);
    // What is put right stays an item until it is saved again.
    if (form.dataset.mends === undefined) watch.timer = setTimeout(() => keep(form, watch), LATER);
  };
  for (const kind of ["input", "change", "pictures"]) form.addEventListener(kind, later);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && watch.timer) keep(form, watch);
  });
  form.dataset.remembered = "";
  form.dispatchEvent(new CustomEvent("outbox:ready", { bubbles: true }));
}

function stopRemembering(form) {
  const watch = watched.get(form);
  clearTimeout(watch?.timer);
  if (watch) watch.timer = 0;
  watch?.stored.clear();
  delete form.dataset.mends;
}

async function keep(form, watch) {
  clearTimeout(watch.timer);
  watch.timer = 0;
  if (form.dataset.saving !== undefined || !form.isConnected) return;
  try {
    const draft = { id: draftOf(form), fields: entries(form).filter(([name]) => !OURS.has(name)), photos: [], at: Date.now() };
    const fresh = [];
    for (const field of form.querySelectorAll("[data-pictures]")) {
      for (const one of picturesOf(field)) {
        await one.working;
        one.id ??= store.uuid();
        const { id, taken, camera, fix, file } = one;
        draft.photos.push({ id, name: field.dataset.name, taken, camera, fix });
        fresh.push(watch.stored.has(id) ? { id } : { id, type: file.type, bytes: await file.arrayBuffer() });
      }
    }
    if (form.dataset.saving !== undefined) return;
    if (!draft.photos.length && !touched(form)) return await store.forgetDraft(draft.id);
    await store.keepDraft(draft, fresh);
    for (const one of fresh) watch.stored.add(one.id);
  } catch { /* a draft is a comfort; saving will say that the storage is full */ }
}

function touched(form) {
  return [...form.elements].some((control) => {
    if (control.type === "radio" || control.type === "checkbox") return control.checked !== control.defaultChecked;
    return control.matches("textarea, input:not([type=hidden]):not([type=file])") && control.value !== control.defaultValue;
  });
}

async function bringBack(form, watch) {
  const mends = new URLSearchParams(location.search).get("mend");
  if (mends) {
    const item = await store.get("items", mends);
    if (item?.owner !== person || item.url !== new URL(form.getAttribute("action") ?? "", location.href).pathname) return;
    form.dataset.mends = item.id;
    fill(form, item.fields);
    await putBack(form, item.id, item.photos.filter((photo) => !photo.key && !photo.dropped).map(asPicture), watch);
    return;
  }
  const draft = await store.get("drafts", draftOf(form));
  if (!draft) return;
  if (Date.now() - draft.at > KEPT) {
    await store.forgetDraft(draft.id);
    return;
  }
  await putBack(form, draft.id, draft.photos, watch);
  // Only a photo that was taken on the way here: nothing to tell.
  if (!draft.fields.length) return;
  fill(form, draft.fields);
  form.dispatchEvent(new CustomEvent("outbox:draft", { bubbles: true, detail: { id: draft.id } }));
}

const asPicture = ({ id, name, taken, lon, lat }) => ({
  id,
  name,
  camera: true,
  taken: taken ? new Date(taken).toISOString() : "",
  fix: lon === undefined ? undefined : { lon, lat },
});

async function putBack(form, owner, photos, watch) {
  const kept = new Map((await store.photosOf(owner)).map((one) => [one.id, one]));
  for (const field of form.querySelectorAll("[data-pictures]")) {
    const mine = photos.filter((one) => one.name === field.dataset.name && kept.has(one.id));
    addPictures(field, mine.map(({ id, taken, camera, fix }) => {
      watch.stored.add(id);
      const { bytes, type } = kept.get(id);
      return { id, taken, camera, fix, ready: true, file: new File([bytes], "photo.jpg", { type }) };
    }));
  }
}

/* Put entries into a form; what the page does not offer (any more) is passed over. */
function fill(form, fields) {
  const given = new Map();
  for (const [name, value] of fields) given.set(name, [...(given.get(name) ?? []), value]);
  for (const control of form.elements) {
    if (!control.name || control.type === "file" || OURS.has(control.name)) continue;
    const values = given.get(control.name) ?? [];
    if (control.type === "radio" || control.type === "checkbox") control.checked = values.includes(control.value);
    else if (values.length) control.value = values[0];
  }
  form.dispatchEvent(new CustomEvent("outbox:filled", { bubbles: true, detail: { given } }));
}
