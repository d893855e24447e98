/* The wall: one small JSON every few seconds; the map's outlines stay. A silent server is told, never hidden. */

import { json, leaflet, sheet } from "./leaflet.js";
import { baseMap } from "./map-tiles.js";
import { Areas, levelFor, tiler } from "./map-areas.js";

const wall = document.querySelector("[data-wall]");
const config = JSON.parse(document.getElementById("map-config").textContent);
const place = document.querySelector("[data-map]");
const stale = document.querySelector("[data-wall-stale]");
const SVG = "http://www.w3.org/2000/svg";
let areas;

function element(name, css, ...children) {
  const made = document.createElement(name);
  if (css) made.className = css;
  made.append(...children);
  return made;
}

function drawn(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function every(name, text) {
  for (const one of document.querySelectorAll(`[data-${name}]`)) one.textContent = text;
}

function trend(days) {
  const chart = document.querySelector("[data-wall-trend]");
  const wide = Math.max(chart.clientWidth / days.length, 20);
  const high = Math.max(chart.clientHeight - 40, 60);
  const bar = wide * 0.38;
  const svg = drawn("svg", { viewBox: `0 0 ${wide * days.length} ${high + 38}`, "aria-hidden": "true" });
  days.forEach((day, at) => {
    const left = at * wide + wide * 0.1;
    const up = (day.high * high) / 100;
    const out = (day.low * high) / 100;
    svg.append(
      drawn("rect", { class: "wall-bar-in", x: left, y: high + 18 - up, width: bar, height: up }),
      drawn("rect", { class: "wall-bar-out", x: left + bar + 2, y: high + 18 - out, width: bar, height: out, rx: 3 }),
      drawn("text", { class: "wall-bar-figure", x: left + bar / 2, y: high + 13 - up }, day.reported),
      drawn("text", { class: "wall-bar-day", x: left + bar, y: high + 34 }, day.day),
    );
  });
  chart.querySelector("svg")?.remove();
  chart.append(svg);
  const rows = days.map((day) => {
    const head = element("th", "", day.day);
    head.scope = "row";
    return element("tr", "", head, element("td", "", String(day.reported)), element("td", "", String(day.closed)));
  });
  chart.querySelector("tbody").replaceChildren(...rows);
}

function lines(name, rows) {
  const bad = name === "categories" ? "figures" : "figures wall-bad";
  document.querySelector(`[data-wall-lines="${name}"]`).replaceChildren(
    ...rows.map((row) => {
      const link = row.url ? Object.assign(element("a", "", row.name), { href: row.url }) : row.name;
      return element("tr", "", element("td", "", link), element("td", bad, row.value), element("td", "figures", row.more));
    }),
  );
}

function show(shown) {
  for (const one of [...shown.now, ...shown.today, ...shown.month]) {
    const figure = document.querySelector(`[data-tile="${one.key}"]`);
    figure.textContent = one.value;
    figure.closest(".wall-tile").classList.toggle("wall-tile-late", one.tone === "late");
  }
  trend(shown.trend);
  for (const name of ["areas", "categories", "units"]) lines(name, shown[name]);
  document.querySelector("[data-wall-late]").replaceChildren(
    ...shown.late.map((one) =>
      element("tr", "", element("td", "figures", one.number), element("td", "", one.what, document.createElement("br"), element("span", "wall-soft", one.where)), element("td", "wall-bad", one.late)),
    ),
  );
  every("wall-at", shown.at);
  every("wall-live", shown.at);
  every("wall-cutoff", shown.cutoff);
  stale.hidden = !shown.stale;
}

async function fill() {
  const level = areas.level;
  const answer = await json(`${config.figures}?${new URLSearchParams({ area: config.area, level, measure: "open" })}`);
  config.revision = answer.revision;
  await areas.show(level);
  areas.fill(answer);
  every("wall-words", answer.words);
  document.querySelector("[data-legend]").replaceChildren(
    ...answer.legend.map(([band, words]) => element("li", "row row-tight", element("span", `map-key map-key-${band}`), words)),
  );
}

async function refresh() {
  try {
    const shown = await json(wall.dataset.url);
    show(shown);
    if (areas) await fill();
    wall.dataset.refreshed = shown.at;
  } catch {
    stale.textContent = stale.dataset.text;
    stale.hidden = false;
  } finally {
    window.setTimeout(refresh, Number(wall.dataset.seconds) * 1000);
  }
}

async function start() {
  trend(JSON.parse(document.getElementById("wall-shown").textContent).trend);
  window.setTimeout(refresh, Number(wall.dataset.seconds) * 1000);
  if (!config.bounds) return;
  const [L] = await Promise.all([leaflet(place), tiler(place)]);
  const [west, south, east, north] = config.bounds;
  const map = sheet(L, place);
  map.fitBounds([[south, west], [north, east]], { padding: [6, 6], animate: false });
  baseMap(L, map, config.tiles);
  areas = new Areas(L, map, config);
  // A level one can read from across the room: the first with a handful of areas.
  const readable = config.floors.findIndex((floor) => floor.count >= 6) + 1;
  await areas.show(levelFor(map, { ...config, floors: config.floors.slice(0, readable || 2) }));
  await fill();
  place.dataset.ready = "";
}

const full = document.querySelector("[data-wall-full]");
if (document.documentElement.requestFullscreen) {
  full.hidden = false;
  full.addEventListener("click", () => document.documentElement.requestFullscreen());
}
document.querySelector("[data-print]").addEventListener("click", () => window.print());
start();
