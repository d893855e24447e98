/* The officer's report: kinds by typing, likely duplicates before sending and after, what is shown only when needed.
   Without this script the grid is chosen from the list and everything is visible. */

import { begin as beginPlace } from "./place.js";

export function begin() {
  const form = document.querySelector("form[data-report]");
  if (form.dataset.alive !== undefined) return;
  form.dataset.alive = "";
  const alike = lookAlike(form, () => place.known());
  const place = beginPlace(form, alike.ask);
  const settle = beginSettled(form);
  beginKinds(form, () => {
    settle();
    alike.ask();
  });
  form.querySelector("[name=description]").addEventListener("change", alike.ask);

  form.addEventListener("outbox:check", (event) => {
    const kind = form.querySelector("[name=category]:checked")?.value;
    const typed = form.querySelector("[name=description]").value.trim();
    const after = form.querySelector("[data-name=after]");
    const settled = form.querySelector("[name=self_handled]")?.checked;
    if (!place.known()) event.detail.wrong = place.refuse();
    else if (!kind && !typed) event.detail.wrong = { field: form.querySelector("[data-kinds]"), text: form.dataset.wordsEmpty };
    else if (settled && !form.querySelector("[name=result]").value.trim()) {
      event.detail.wrong = { field: form.querySelector("[name=result]").closest(".field"), text: form.dataset.wordsResult };
    } else if (settled && !after.querySelector(".picture")) event.detail.wrong = { field: after, text: form.dataset.wordsAfter };
  });
  // A photo remembers where the phone was when it was taken.
  form.addEventListener("pictures", (event) => {
    const fix = place.fix();
    if (fix) event.detail?.fresh?.forEach((one) => { if (one.camera) one.fix ??= fix; });
  });
  form.addEventListener("outbox:filled", () => {
    const filled = [...form.querySelectorAll("[data-extras] textarea, [data-extras] input[type=text]")].some((one) => one.value);
    if (filled || form.querySelector("[name=urgency]:checked")?.value) form.querySelector("[data-extras]").open = true;
    settle();
  });

  const saved = document.querySelector("[data-saved]");
  form.addEventListener("outbox:saved", (event) => {
    form.hidden = true;
    saved.hidden = false;
    alike.later(saved.querySelector("[data-saved-late]"), event.detail.item);
    window.scrollTo(0, 0);
    saved.focus();
  });
  saved.querySelector("[data-saved-another]").addEventListener("click", () => {
    form.reset();
    saved.hidden = true;
    form.hidden = false;
    form.dispatchEvent(new CustomEvent("outbox:emptied"));
    form.querySelector("[data-extras]").open = false;
    alike.forget();
    settle();
    place.restart();
    window.scrollTo(0, 0);
    form.querySelector("input[data-camera]")?.click();
  });
}

/* --- kinds: typed words narrow tiles and list --- */

function beginKinds(form, changed) {
  const kinds = form.querySelector("[data-kinds]");
  const all = kinds.querySelector("[data-kinds-all]");
  const chosenWords = kinds.querySelector("[data-kinds-chosen]");
  const allWords = chosenWords.textContent.split(/[:：]/)[0].trim();
  const search = kinds.querySelector("[data-kinds-search]");
  const none = kinds.querySelector("[data-kinds-none]");
  const typed = search.querySelector("input");
  search.hidden = false;

  function narrow() {
    const wanted = typed.value.trim().toLowerCase();
    let hits = 0;
    for (const kind of all.querySelectorAll("[data-kind]")) {
      const fits = !wanted || kind.dataset.kind.includes(wanted);
      kind.hidden = !fits;
      hits += fits ? 1 : 0;
    }
    for (const group of kinds.querySelectorAll("[data-kind-group]")) {
      group.hidden = !group.querySelector("[data-kind]:not([hidden])");
    }
    for (const tile of kinds.querySelectorAll(".tile")) tile.toggleAttribute("data-dim", Boolean(wanted) && !tile.dataset.kind.includes(wanted));
    none.hidden = hits > 0 || kinds.querySelector(".tile:not([data-dim])") !== null;
  }
  typed.addEventListener("input", narrow);
  typed.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });

  kinds.addEventListener("change", (event) => {
    if (event.target.name !== "category") return;
    tell(event.target);
    typed.value = "";
    narrow();
    all.open = false;
    changed();
  });

  function tell(chosen) {
    const inList = chosen && all.contains(chosen);
    chosenWords.textContent = inList ? `${allWords}${document.documentElement.lang.startsWith("zh") ? "：" : ": "}${chosen.closest("label").textContent.trim()}` : allWords;
  }
  for (const kind of ["outbox:filled", "outbox:emptied"]) form.addEventListener(kind, () => tell(form.querySelector("[name=category]:checked")));
}

/* --- settled on the spot: only for kinds an officer may settle, its fields only when it is ticked --- */

function beginSettled(form) {
  const settled = form.querySelector("[data-settled]");
  if (!settled) return () => {};
  const box = settled.querySelector("[type=checkbox]");
  const settle = () => {
    const kind = form.querySelector("[name=category]:checked");
    settled.hidden = kind?.dataset.self === "N" && !box.checked;
    settled.querySelector("[data-settled-more]").hidden = !box.checked;
  };
  settled.addEventListener("change", settle);
  settle();
  return settle;
}

/* --- likely duplicates: asked for when place and kind are known; one that comes late is offered after saving --- */

function lookAlike(form, placeKnown) {
  const shown = form.querySelector("[data-similar]");
  const names = ["area", "lon", "lat", "category", "description", "address"];
  let round = 0;
  let coming = Promise.resolve(null);
  let seen = false;

  function ask() {
    round += 1;
    const mine = round;
    if (!placeKnown() || !form.querySelector("[name=category]:checked")?.value) {
      shown.replaceChildren();
      return;
    }
    const given = new FormData(form);
    const query = new URLSearchParams(names.map((name) => [name, String(given.get(name) ?? "")]).filter(([, value]) => value));
    seen = false;
    coming = fetch(`${shown.dataset.url}?${query}`, { headers: { Accept: "text/html" } })
      .then((answer) => (answer.ok && !answer.redirected ? answer.text() : ""))
      .then((html) => [...new DOMParser().parseFromString(html, "text/html").body.children])
      .catch(() => []);
    coming.then((parts) => {
      if (mine !== round || form.hidden) return;
      shown.replaceChildren(...parts);
      seen = true;
      // It may come late: what somebody is at stays in sight.
      const at = document.activeElement;
      if (form.contains(at)) at.scrollIntoView({ block: "nearest" });
    });
  }

  async function later(place, item) {
    place.replaceChildren();
    if (seen || item.kind !== "report") return;
    const mine = round;
    const parts = await coming;
    if (mine !== round || !parts?.length) return;
    const { offerLate } = await import("./outbox/receipt.js");
    offerLate(place, parts, item);
  }

  function forget() {
    round += 1;
    seen = false;
    coming = Promise.resolve(null);
    shown.replaceChildren();
  }
  return { ask, later, forget };
}
