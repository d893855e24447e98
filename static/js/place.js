/* Where something is: the phone's position named as a grid, a grid from the list, a mark on the map, a sign on the wall.
   A position fills the hidden fields; a chosen grid turns it into a mere note of where the phone was. */

import { named, say } from "./outbox/ground.js";

const ROUGH = 300;
const PATIENCE = 15_000;
const RECENT = 120_000;
const KEY = "gridgov-fix";

/* The phone's position, one asked a moment ago included; null when it is refused or unknown. Better ones may follow. */
export function findFix(better) {
  const kept = recent();
  if (kept && !better) return Promise.resolve(kept);
  return new Promise((resolve) => {
    if (!navigator.geolocation) {
      resolve(null);
      return;
    }
    let best = null;
    const done = () => navigator.geolocation.clearWatch(watch);
    const watch = navigator.geolocation.watchPosition(
      ({ coords }) => {
        if (best && coords.accuracy >= best.accuracy) return;
        best = { lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy, at: Date.now() };
        sessionStorage.setItem(KEY, JSON.stringify(best));
        resolve(best);
        better?.(best);
        if (coords.accuracy <= 15) done();
      },
      () => {
        done();
        resolve(best);
      },
      { enableHighAccuracy: true, timeout: PATIENCE, maximumAge: 30_000 },
    );
    setTimeout(done, PATIENCE);
  });
}

function recent() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY));
    return kept && Date.now() - kept.at < RECENT ? kept : null;
  } catch {
    return null;
  }
}

/* Bring the place of a form to life. `changed` is told of every new place. */
export function begin(form, changed) {
  const place = form.querySelector("[data-place]");
  const select = place.querySelector("select");
  const words = place.querySelector("[data-place-words]");
  const more = place.querySelector("[data-place-more]");
  const lon = place.querySelector("[data-lon]");
  const lat = place.querySelector("[data-lat]");
  const accuracy = place.querySelector("[data-accuracy]");
  const hereOption = place.querySelector("[data-here-option]");
  const ownGrid = select.value;
  let chosen = false;

  const speak = (text, tone = "") => {
    words.textContent = text;
    words.dataset.tone = tone;
  };
  const gridName = () => select.selectedOptions[0]?.textContent.trim() ?? "";

  function usePosition(use) {
    lon.name = use ? "lon" : "fix_lon";
    lat.name = use ? "lat" : "fix_lat";
  }

  function fallBack(text) {
    usePosition(!(select.value || ownGrid) && lon.value !== "");
    if (!select.value) select.value = ownGrid;
    speak([select.value ? gridName() : "", text].filter(Boolean).join(" · "), "soon");
    if (!select.value) more.open = true;
    changed();
  }

  async function describe(fix, pattern) {
    [lon.value, lat.value, accuracy.value] = [fix.lon, fix.lat, fix.accuracy ?? ""];
    const metres = Math.max(1, Math.round(Number(fix.accuracy) || 1));
    if (!pattern && metres > ROUGH) {
      fallBack(named(place.dataset.rough, { metres }));
      return;
    }
    let found;
    try {
      found = await (await fetch(`${place.dataset.url}?lon=${fix.lon}&lat=${fix.lat}`)).json();
    } catch {
      // No network: the point is enough, its grid is found on arrival.
      select.value = "";
      usePosition(true);
      speak(say("offGrid", { metres }));
      changed();
      return;
    }
    if (!found.grid) {
      fallBack(found.words);
      return;
    }
    hereOption.textContent = `${place.dataset.here}: ${found.grid.name}`;
    select.value = "";
    usePosition(true);
    speak(named(pattern ?? place.dataset.found, { grid: found.grid.name, metres }));
    changed();
  }

  async function findMe(again) {
    speak([gridName(), place.dataset.finding].filter(Boolean).join(" · "));
    const take = (fix) => { if (!chosen) describe(fix); };
    const fix = await findFix(again ? take : undefined);
    if (chosen) return;
    if (!fix) fallBack(place.dataset.refused);
    else if (!again) {
      await describe(fix);
      if (fix.accuracy > 30) findFix(take);
    }
  }

  const show = (name, use) => {
    const part = place.querySelector(name);
    if (part) part.hidden = false;
    return part && use(part);
  };
  if (navigator.geolocation) {
    show("[data-place-again]", (button) => button.addEventListener("click", () => { chosen = false; findMe(true); }));
    if ("auto" in place.dataset && form.dataset.mends === undefined && !new URLSearchParams(location.search).has("area") && !lon.value) findMe(false);
  }
  show("[data-place-map]", (button) => button.addEventListener("click", async () => {
    const { mark } = await import("./pinmap.js");
    mark(place, { lon: Number(lon.value) || null, lat: Number(lat.value) || null }, (fix) => {
      chosen = true;
      describe(fix, place.dataset.marked);
    });
  }));
  if ("BarcodeDetector" in window) {
    show("[data-place-sign]", (label) => label.querySelector("input").addEventListener("change", async (event) => {
      const { readSign } = await import("./sign.js");
      const found = await readSign(event.target.files[0], place.dataset.url).catch(() => null);
      event.target.value = "";
      if (!found?.grid) {
        speak(found?.words ?? place.dataset.unread, "soon");
        return;
      }
      chosen = true;
      if (found.lon !== undefined) describe(found, "%(grid)s");
      else choose(found.grid);
    }));
  }

  function choose({ code, name }) {
    if (![...select.options].some((option) => option.value === code)) select.append(new Option(name, code));
    select.value = code;
    usePosition(false);
    speak(name);
    changed();
  }

  select.addEventListener("change", () => {
    chosen = true;
    usePosition(!select.value && lon.value !== "");
    if (!select.value && lon.value) describe({ lon: lon.value, lat: lat.value, accuracy: accuracy.value });
    else {
      speak(gridName());
      changed();
    }
  });
  form.addEventListener("outbox:filled", ({ detail: { given } }) => {
    if (!given) return;
    chosen = true;
    const first = (name) => given.get(name)?.[0] ?? "";
    [lon.value, lat.value] = [first("lon") || first("fix_lon"), first("lat") || first("fix_lat")];
    select.value = first("area");
    usePosition(!select.value && lon.value !== "");
    if (!select.value && lon.value) describe({ lon: lon.value, lat: lat.value, accuracy: accuracy.value });
    else speak(gridName());
  });
  if (lon.value && lon.name === "lon") describe({ lon: lon.value, lat: lat.value, accuracy: accuracy.value });
  return {
    known: () => Boolean(select.value || (lon.name === "lon" && lon.value)),
    refuse: () => {
      more.open = true;
      return { field: place, text: place.dataset.choose };
    },
    fix: () => (lon.value ? { lon: Number(lon.value), lat: Number(lat.value) } : undefined),
    restart: () => {
      chosen = false;
      select.value = ownGrid;
      findMe(false);
    },
  };
}
