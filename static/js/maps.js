/* One map: fill, orders, heat, a day chosen on the slider, and what a click tells beside it. The list shows the same. */

import { json, leaflet, sheet } from "./leaflet.js";
import { baseMap } from "./map-tiles.js";
import { Areas, levelFor, tiler } from "./map-areas.js";
import { Points } from "./map-points.js";

const place = document.querySelector("[data-map]");
const config = JSON.parse(document.getElementById("map-config")?.textContent ?? "null");
const form = document.querySelector("[data-shown]");
const panel = document.querySelector("[data-panel]");
const part = (name) => document.querySelector(`[data-${name}]`);
const slider = part("day");
let map, areas, points, turn = 0;

function say(text) {
  const note = document.createElement("p");
  note.className = "map-note soft";
  note.textContent = text;
  place.replaceChildren(note);
}

const chosen = (name) => form.elements[name]?.value ?? "";

function dayChosen() {
  const back = Number(slider.max) - Number(slider.value);
  if (slider.dataset.on === undefined) return "";
  const day = new Date(`${config.today}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - back);
  return day.toISOString().slice(0, 10);
}

function question(more = {}) {
  const asked = { area: config.area, days: chosen("days"), category: chosen("category"), day: dayChosen(), measure: chosen("measure"), points: chosen("points"), ...more };
  return new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== ""));
}

/* the view with half a screen around it, as a box */
function around() {
  const view = map.getBounds().pad(0.25);
  return [Math.max(view.getWest(), -180), Math.max(view.getSouth(), -85), Math.min(view.getEast(), 180), Math.min(view.getNorth(), 85)].map((one) => one.toFixed(4)).join(",");
}

async function refresh() {
  const mine = (turn += 1);
  try {
    // Outlines, figures and points are asked for side by side: none needs another's answer, as a rule.
    const level = chosen("level") || levelFor(map, config);
    const figures = (asked) => json(`${config.figures}?${question({ level: asked, box: areas.address(asked).box })}`);
    const marks = askPoints().catch(() => null);
    let [answer] = await Promise.all([figures(level), areas.show(level)]);
    if (mine !== turn) return;
    // Where a level has too many areas in view, both answer with the one above; should they differ, the outlines count.
    if (areas.level && answer.level !== areas.level) answer = await figures(areas.level);
    if (mine !== turn) return;
    if (answer.revision !== config.revision) {
      config.revision = answer.revision;
      await areas.show(level);
    }
    // Under heat the areas are plain: two scales of colour over each other say nothing.
    areas.quiet = chosen("points") === "heat";
    areas.fill(answer);
    tell(answer);
    const found = await marks;
    if (mine !== turn) return;
    showPoints(found);
    place.dataset.drawn = String(mine);
  } catch {
    if (!areas.features.length) {
      map.remove();
      say(config.words.failed);
    }
  }
}

async function askPoints() {
  const what = chosen("points");
  if (what === "none") return null;
  const address = what === "heat" ? config.heat : config.points;
  return json(`${address}?${question({ zoom: String(map.getZoom()), box: what === "heat" ? "" : around() })}`);
}

function showPoints(answer) {
  part("points-told").textContent = answer ? (answer.told ? `${answer.told} · ${answer.words}` : answer.words) : "";
  if (!answer) points.clear();
  else if (chosen("points") === "heat") points.heat(answer);
  else points.draw(answer);
  // Labels make room for the marks.
  const marks = answer?.points?.map(([lon, lat]) => [lat, lon]) ?? [];
  if (!marks.length && !areas.avoid?.length) return;
  areas.avoid = marks;
  areas.name();
}

/* the list beside the map: what is in view, the first to look at on top */
function tell(answer) {
  part("words").textContent = answer.words;
  part("measure").textContent = answer.label;
  part("cutoff").textContent = answer.cutoff || "–";
  const label = config.floors.find((one) => one.level === answer.level)?.label ?? "";
  part("level").textContent = config.words.level.replace("%(level)s", label);
  part("legend").replaceChildren(...answer.legend.map(([band, words]) => element("li", "row row-tight", key(band), words)));
  const rank = new Map(answer.ids.map((id, at) => [id, at]));
  const seen = areas.inView().filter((feature) => rank.has(feature.id));
  const band = (feature) => areas.classes.get(feature.id) ?? "-";
  const number = (feature) => parseFloat(areas.values.get(feature.id)) || 0;
  const low = ["score", "satisfaction", "on_time_share"].includes(answer.measure) ? -1 : 1;
  seen.sort((a, b) => (band(b) === "-" ? -1 : Number(band(b))) - (band(a) === "-" ? -1 : Number(band(a))) || low * (number(b) - number(a)));
  const rows = seen.slice(0, 60).map((feature) => {
    const link = element("a", "", feature.properties.name);
    link.href = `${config.panel}?${question({ area: feature.properties.code })}`;
    link.dataset.panelLink = "";
    const row = element("tr", "", element("td", "", link), element("td", "amount", key(band(feature)), ` ${areas.values.get(feature.id) || "–"}`));
    row.dataset.id = feature.id;
    return row;
  });
  if (rows.length) part("rows").replaceChildren(...rows);
  const left = seen.length - rows.length;
  part("more").hidden = left <= 0;
  part("more").textContent = config.words.more.replace("%(count)s", left);
}

function element(name, css, ...children) {
  const made = document.createElement(name);
  if (css) made.className = css;
  made.append(...children);
  return made;
}

function key(band) {
  const mark = element("span", `map-key map-key-${band}`);
  mark.setAttribute("aria-hidden", "true");
  return mark;
}

/* the side panel: never over the map */
async function tellOf(asked, focus = true) {
  const address = asked instanceof URL ? asked : `${config.panel}?${question({ level: areas?.level ?? "", ...asked })}`;
  const answer = await fetch(address, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (!answer.ok) return;
  const arrived = new DOMParser().parseFromString(await answer.text(), "text/html");
  panel.replaceChildren(...arrived.body.childNodes);
  panel.hidden = false;
  const close = panel.querySelector("[data-panel-close]");
  if (close) {
    close.hidden = false;
    close.addEventListener("click", () => {
      panel.hidden = true;
      place.focus();
    });
  }
  panel.scrollIntoView({ block: "nearest" });
  if (focus) panel.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-panel-link]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  tellOf(new URL(link.href));
});

function listen() {
  form.addEventListener("submit", (event) => {
    // Heat brings its table from the server; everything else changes in place.
    if (chosen("points") === "heat") return;
    event.preventDefault();
    refresh();
  });
  form.addEventListener("change", (event) => {
    if (event.target === slider) return;
    if (chosen("points") === "heat") form.requestSubmit();
    else {
      history.replaceState(null, "", `?${question({ level: chosen("level") })}`);
      refresh();
    }
  });
  const words = part("day-words");
  let waiting;
  slider.addEventListener("input", () => {
    slider.dataset.on = "";
    const [year, month, day] = dayChosen().split("-");
    const parts = { year, month, day };
    // Chinese leaves out the noughts, English keeps them.
    words.textContent = config.words.day.replace(/%\((\w+)\)(02)?d/g, (_all, name, padded) => (padded ? parts[name] : Number(parts[name])));
    slider.setAttribute("aria-valuetext", words.textContent);
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 150);
  });
  part("day-all").addEventListener("click", () => {
    delete slider.dataset.on;
    slider.value = slider.max;
    words.textContent = config.words.all;
    slider.setAttribute("aria-valuetext", words.textContent);
    refresh();
  });
  part("days").hidden = false;
  map.on("moveend", () => refresh());
  map.on("click", ({ latlng }) => tellOf({ at: `${latlng.lng.toFixed(6)},${latlng.lat.toFixed(6)}` }, false));
  place.addEventListener("pointerdown", () => place.classList.remove("map-keys"));
  place.addEventListener("keydown", (event) => {
    place.classList.add("map-keys");
    if (event.key !== "Enter" || event.target !== place) return;
    const middle = map.getCenter();
    tellOf({ at: `${middle.lng.toFixed(6)},${middle.lat.toFixed(6)}` });
  });
}

async function start() {
  try {
    const [L] = await Promise.all([leaflet(place), tiler(place)]);
    if (!config.bounds) {
      say(config.words.none);
      return;
    }
    const [west, south, east, north] = config.bounds;
    place.replaceChildren();
    map = sheet(L, place, { attribution: Boolean(config.tiles?.attribution) });
    place.dataset.ready = "";
    map.fitBounds([[south, west], [north, east]], { padding: [8, 8], animate: false });
    baseMap(L, map, config.tiles);
    areas = new Areas(L, map, config);
    points = new Points(L, map, config, (asked) => tellOf(asked));
    listen();
    const button = part("picture");
    button.hidden = false;
    button.addEventListener("click", picture);
    await refresh();
  } catch {
    say(config.words.failed);
  }
}

if (place && config) start();

/* the map as a picture: the areas and the heat as they stand, with the title and the legend in words */
function picture() {
  const size = map.getSize();
  const sheetOfPaper = document.createElement("canvas");
  sheetOfPaper.width = size.x;
  sheetOfPaper.height = size.y + 56;
  const pen = sheetOfPaper.getContext("2d");
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, sheetOfPaper.width, sheetOfPaper.height);
  const corner = place.getBoundingClientRect();
  for (const canvas of place.querySelectorAll(".map-tiles canvas, .leaflet-heat-pane canvas")) {
    const at = canvas.getBoundingClientRect();
    pen.drawImage(canvas, at.left - corner.left, at.top - corner.top, at.width, at.height);
  }
  pen.font = "600 13px sans-serif";
  pen.textAlign = "center";
  for (const one of place.querySelectorAll(".map-label, .map-mark")) {
    const at = one.getBoundingClientRect();
    const dark = one.classList.contains("map-mark");
    pen.fillStyle = dark ? "#17242e" : "#ffffffc0";
    pen.fillRect(at.left - corner.left, at.top - corner.top, at.width, at.height);
    pen.fillStyle = dark ? "#ffffff" : "#17242e";
    const lines = one.innerText.split("\n");
    lines.forEach((line, row) => pen.fillText(line, at.left - corner.left + at.width / 2, at.top - corner.top + (at.height * (row + 0.75)) / lines.length));
  }
  pen.fillStyle = "#17242e";
  pen.textAlign = "start";
  pen.fillText(`${document.querySelector("h1").textContent.trim()} · ${part("words").textContent} · ${part("cutoff").textContent}`, 8, size.y + 22);
  pen.fillText([...part("legend").children].map((one) => one.textContent.trim()).join("   "), 8, size.y + 44);
  sheetOfPaper.toBlob((blob) => {
    const link = element("a", "");
    link.href = URL.createObjectURL(blob);
    link.download = `${config.words.picture}.png`;
    link.click();
    URL.revokeObjectURL(link.href);
  });
}
