/* Splitting and merging areas: the old outline, the parts with their numbers, and a line drawn point by point. */

import { json, leaflet, sheet } from "./leaflet.js";

const place = document.querySelector("[data-cut]");
const config = JSON.parse(document.getElementById("area-config").textContent);
const field = document.querySelector("textarea[name=drawn]");
const part = (name) => document.querySelector(`[data-cut-${name}]`);
const COLOURS = ["#0b5878", "#c76a00", "#3f6b21", "#8c1616", "#5b3f8c", "#4a5a66"];
let L, map, line, dots;
let points = [];

function show() {
  line.setLatLngs(points.map(([lon, lat]) => [lat, lon]));
  dots.clearLayers();
  points.forEach(([lon, lat]) => dots.addLayer(L.circleMarker([lat, lon], { radius: 5, color: "#c76a00", fillColor: "#ffffff", fillOpacity: 1, interactive: false })));
  part("count").textContent = points.length ? config.words.count.replace("%(count)s", points.length) : "";
}

function write() {
  const rounded = points.map(([lon, lat]) => [Number(lon.toFixed(6)), Number(lat.toFixed(6))]);
  field.value = points.length > 1 ? JSON.stringify({ type: "LineString", coordinates: rounded }) : "";
  show();
}

function read() {
  try {
    const found = JSON.parse(field.value);
    return found.type === "LineString" ? found.coordinates : [];
  } catch {
    return [];
  }
}

function drawing() {
  line = L.polyline([], { color: "#c76a00", weight: 3, dashArray: "6 4", interactive: false }).addTo(map);
  dots = L.layerGroup().addTo(map);
  points = read();
  show();
  part("tools").hidden = false;
  const add = ({ lng, lat }) => {
    points.push([lng, lat]);
    write();
  };
  map.on("click", ({ latlng }) => add(latlng));
  // Without a pointer: arrow keys move the map under the cross in its middle, Enter sets a point there.
  place.classList.add("map-keys");
  place.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === place) add(map.getCenter());
  });
  part("undo").addEventListener("click", () => {
    points.pop();
    write();
  });
  part("clear").addEventListener("click", () => {
    points = [];
    write();
  });
  field.addEventListener("change", () => {
    points = read();
    show();
  });
}

async function start() {
  L = await leaflet(place);
  place.replaceChildren();
  map = sheet(L, place);
  const around = config.around ? await json(config.around).catch(() => null) : null;
  if (around) L.geoJSON(around, { interactive: false, filter: ({ id }) => !config.ids.includes(id), style: { color: "#7b8a95", weight: 1, fillOpacity: 0.05 } }).addTo(map);
  const whole = L.geoJSON(config.whole, { interactive: false, style: { color: "#0b5878", weight: 3, fillOpacity: config.parts.length ? 0 : 0.1 } }).addTo(map);
  map.fitBounds(whole.getBounds().pad(0.3), { animate: false });
  config.parts.forEach((shape, at) => {
    const colour = COLOURS[at % COLOURS.length];
    const drawn = L.geoJSON(shape, { interactive: false, style: { color: colour, weight: 2, fillOpacity: 0.18 } }).addTo(map);
    if (config.parts.length > 1) {
      const icon = L.divIcon({ className: "map-part", html: "", iconSize: [28, 28] });
      const mark = L.marker(drawn.getBounds().getCenter(), { icon, interactive: false, keyboard: false, alt: config.words.part.replace("%(number)s", at + 1) }).addTo(map);
      mark.getElement().textContent = at + 1;
    }
  });
  if (field) drawing();
  place.dataset.ready = "";
}

start();
