/* The officer's report: the place from the phone, kinds by typing, likely duplicates, and what is shown only when needed.
   Without this script the grid is chosen from the list and everything is visible. */

const form = document.querySelector("[data-report]");
const ROUGH = 300;

/* --- place: a position fills the hidden fields; a grid from the list turns it into a mere note of where the phone was --- */

const place = form.querySelector("[data-place]");
const select = place.querySelector("select");
const words = place.querySelector("[data-place-words]");
const lon = place.querySelector("[data-lon]");
const lat = place.querySelector("[data-lat]");
const accuracy = place.querySelector("[data-accuracy]");
const hereOption = place.querySelector("[data-here-option]");
const ownGrid = select.value;

function say(text, tone = "") {
  words.textContent = text;
  words.dataset.tone = tone;
  words.hidden = !text;
}

function named(pattern, values) {
  return pattern.replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole);
}

function usePosition(use) {
  lon.name = use ? "lon" : "fix_lon";
  lat.name = use ? "lat" : "fix_lat";
}

function fallBack(text) {
  usePosition(!(select.value || ownGrid));
  if (!select.value) select.value = ownGrid;
  say(text, "soon");
  looksAlike();
}

async function describe() {
  const answer = await fetch(`${place.dataset.url}?lon=${lon.value}&lat=${lat.value}`);
  const found = await answer.json();
  if (!found.grid) {
    fallBack(found.words);
    return;
  }
  const metres = Math.max(1, Math.round(Number(accuracy.value) || 1));
  if (metres > ROUGH) {
    fallBack(named(place.dataset.rough, { metres }));
    return;
  }
  const text = named(place.dataset.found, { grid: found.grid.name, metres });
  hereOption.textContent = `${place.dataset.here}: ${found.grid.name}`;
  select.value = "";
  usePosition(true);
  say(text);
  looksAlike();
}

function findMe() {
  say(place.dataset.finding);
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      [lon.value, lat.value, accuracy.value] = [coords.longitude, coords.latitude, coords.accuracy];
      describe().catch(() => fallBack(place.dataset.refused));
    },
    () => fallBack(place.dataset.refused),
    { enableHighAccuracy: true, timeout: 10000, maximumAge: 30000 },
  );
}

if ("geolocation" in navigator) {
  const again = place.querySelector("[data-place-again]");
  again.hidden = false;
  again.addEventListener("click", findMe);
  if ("auto" in place.dataset && !new URLSearchParams(window.location.search).has("area")) findMe();
}

select.addEventListener("change", () => {
  usePosition(!select.value);
  say("");
  if (!select.value && lon.value) describe().catch(() => fallBack(place.dataset.refused));
  looksAlike();
});

/* --- kinds: typed words narrow tiles and list --- */

const kinds = form.querySelector("[data-kinds]");
const all = kinds.querySelector("[data-kinds-all]");
const chosenWords = kinds.querySelector("[data-kinds-chosen]");
const allWords = chosenWords.textContent.split(":")[0];
const search = kinds.querySelector("[data-kinds-search]");
const none = kinds.querySelector("[data-kinds-none]");
search.hidden = false;

const typed = search.querySelector("input");
typed.addEventListener("input", () => {
  const wanted = typed.value.trim().toLowerCase();
  let hits = 0;
  for (const kind of kinds.querySelectorAll("[data-kind]")) {
    const fits = !wanted || kind.dataset.kind.includes(wanted);
    kind.hidden = !fits;
    hits += fits ? 1 : 0;
  }
  for (const group of kinds.querySelectorAll("[data-kind-group]")) {
    group.hidden = !group.querySelector("[data-kind]:not([hidden])");
  }
  none.hidden = hits > 0;
  if (wanted) all.open = true;
});
typed.addEventListener("keydown", (event) => {
  if (event.key === "Enter") event.preventDefault();
});

kinds.addEventListener("change", (event) => {
  if (event.target.name !== "category") return;
  const inList = all.contains(event.target);
  const label = event.target.closest("label").textContent.trim();
  chosenWords.textContent = inList ? `${allWords}: ${label}` : allWords;
  all.open = false;
  if (typed.value) {
    typed.value = "";
    typed.dispatchEvent(new Event("input"));
    all.open = false;
  }
  settle();
  looksAlike();
});

/* --- settled on the spot: only for kinds an officer may settle, its fields only when it is ticked --- */

const settled = form.querySelector("[data-settled]");

function settle() {
  if (!settled) return;
  const kind = form.querySelector("[name=category]:checked");
  const box = settled.querySelector("[type=checkbox]");
  settled.hidden = kind?.dataset.self === "N" && !box.checked;
  settled.querySelector("[data-settled-more]").hidden = !box.checked;
}

settled?.addEventListener("change", settle);
settle();

/* --- likely duplicates, asked for when place and kind are known and when the words are written --- */

const alike = form.querySelector("[data-similar]");

function looksAlike() {
  const hasPlace = select.value || (lon.name === "lon" && lon.value);
  if (hasPlace && form.querySelector("[name=category]:checked")?.value) {
    window.htmx?.trigger(alike, "similar");
  } else {
    alike.replaceChildren();
  }
}

form.querySelector("[name=description]").addEventListener("change", looksAlike);
if (lon.value && lon.name === "lon") describe().catch(() => fallBack(place.dataset.refused));
