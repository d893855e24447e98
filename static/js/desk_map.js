/* The third pane: where the orders of the queue lie. Drawn when it is opened, remembered in this browser. */

import { json, leaflet, sheet } from "./leaflet.js";
import { open, opened, page, rowOf } from "./desk.js";

const pane = page.querySelector("[data-desk-map]");
const toggle = page.querySelector("[data-map-toggle]");
const KEPT = "gridgov.desk.map";
let map = null;
let points = null;

function kept(value) {
  try {
    if (value === undefined) return window.localStorage.getItem(KEPT) ?? (window.innerWidth >= 1800 ? "open" : "");
    window.localStorage.setItem(KEPT, value);
  } catch { /* a browser that keeps nothing */ }
  return "";
}

/* the communities the orders lie in, so that points mean something without any base map */
async function ground(L) {
  if (!pane.dataset.outlines) return;
  const outlines = await json(pane.dataset.outlines).catch(() => null);
  const style = { color: "#7b8a95", weight: 1, fillColor: "#ffffff", fillOpacity: 1 };
  const name = (feature, layer) => layer.bindTooltip(feature.properties.name, { sticky: true });
  if (outlines) L.geoJSON(outlines, { style, onEachFeature: name }).addTo(map).bringToBack();
}

async function draw() {
  const L = await leaflet(pane);
  if (!map) {
    map = sheet(L, pane.querySelector("[data-sheet]"));
    points = L.featureGroup().addTo(map);
    ground(L);
  }
  points.clearLayers();
  const here = opened();
  for (const item of page.querySelectorAll("[data-item][data-lon]")) {
    const { item: number, lat, lon } = item.dataset;
    const current = number === here;
    const point = L.circleMarker([Number(lat), Number(lon)], {
      radius: current ? 10 : 6, weight: 2, color: "#ffffff", fillColor: current ? "#9b1c1c" : "#0b5878", fillOpacity: 1,
    });
    point.bindTooltip(item.querySelector("strong").textContent);
    point.on("click", () => open(rowOf(number)));
    points.addLayer(point);
  }
  map.invalidateSize();
  if (points.getLayers().length) map.fitBounds(points.getBounds().pad(0.2), { maxZoom: 16 });
  else map.setView([35, 104], 4);
}

function show(on) {
  pane.hidden = !on;
  pane.parentElement.classList.toggle("desk-panes-map", on);
  toggle.setAttribute("aria-pressed", on ? "true" : "false");
  if (on) draw();
}

toggle?.addEventListener("click", () => { kept(pane.hidden ? "open" : "shut"); show(pane.hidden); });
page.addEventListener("desk:opened", () => { if (!pane.hidden) draw(); });
page.addEventListener("htmx:afterSettle", (event) => { if (event.detail.target?.matches(".queue") && !pane.hidden) draw(); });
if (pane && kept() === "open" && window.matchMedia("(min-width: 85rem)").matches) show(true);
