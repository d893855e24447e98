/* Drawing an outline: corners by click or from what is there; the field holds the same as GeoJSON and can be edited too. */

import { json, leaflet, sheet } from "./leaflet.js";

const place = document.querySelector("[data-draw]");
const config = JSON.parse(document.getElementById("area-config").textContent);
const field = document.querySelector("textarea[name=outline]");
const part = (name) => document.querySelector(`[data-draw-${name}]`);
const MOST_CORNERS = 400;
let L, map, drawn, corners;
let ring = [];
let adding = false;

function write() {
  if (ring.length < 3) return;
  const points = ring.map(([lon, lat]) => [Number(lon.toFixed(6)), Number(lat.toFixed(6))]);
  field.value = JSON.stringify({ type: "Polygon", coordinates: [[...points, points[0]]] });
}

function show(editing) {
  drawn.setLatLngs(ring.map(([lon, lat]) => [lat, lon]));
  if (ring.length) drawn.addTo(map);
  else drawn.remove();
  part("count").textContent = config.words.count.replace("%(count)s", ring.length);
  corners.clearLayers();
  if (!editing || ring.length > MOST_CORNERS) return;
  ring.forEach(([lon, lat], at) => {
    const words = config.words.corner.replace("%(number)s", at + 1);
    const icon = L.divIcon({ className: "map-corner", iconSize: [16, 16] });
    const mark = L.marker([lat, lon], { icon, draggable: true, keyboard: true, title: words, alt: words });
    mark.on("drag", ({ latlng }) => {
      ring[at] = [latlng.lng, latlng.lat];
      drawn.setLatLngs(ring.map(([x, y]) => [y, x]));
    });
    mark.on("dragend", write);
    mark.on("keydown", ({ originalEvent }) => {
      if (originalEvent.key !== "Delete") return;
      ring.splice(at, 1);
      write();
      show(true);
    });
    corners.addLayer(mark);
  });
}

/* the outer ring of what the field holds, when it is one piece */
function read() {
  try {
    const found = JSON.parse(field.value);
    const geometry = found.geometry ?? found;
    if (geometry.type !== "Polygon" || geometry.coordinates.length !== 1) return [];
    return geometry.coordinates[0].slice(0, -1);
  } catch {
    return [];
  }
}

async function start() {
  L = await leaflet(place);
  place.replaceChildren();
  map = sheet(L, place);
  const around = await json(config.around);
  const others = L.geoJSON(around, { interactive: false, filter: ({ id }) => id !== config.id, style: { color: "#7b8a95", weight: 1, fillOpacity: 0.05 } }).addTo(map);
  const now = config.current ? L.geoJSON(config.current, { interactive: false, style: { color: "#0b5878", weight: 3, fillOpacity: 0.1 } }).addTo(map) : null;
  const proposed = config.proposed ? L.geoJSON(config.proposed, { interactive: false, style: { color: "#c76a00", weight: 3, dashArray: "6 4", fillOpacity: 0.1 } }).addTo(map) : null;
  drawn = L.polygon([], { color: "#c76a00", weight: 3, dashArray: "6 4", fillOpacity: 0.08, interactive: false });
  corners = L.layerGroup().addTo(map);
  const whole = (proposed ?? now ?? others).getBounds();
  if (whole.isValid()) map.fitBounds(whole.pad(0.4), { animate: false });
  else map.setView([36.06, 103.82], 11);
  place.dataset.ready = "";
  if (!field) return; // an area that was closed is only looked at
  part("tools").hidden = false;
  part("new").addEventListener("click", () => {
    ring = [];
    adding = true;
    show(true);
  });
  part("edit").addEventListener("click", () => {
    adding = true;
    ring = read();
    show(true);
  });
  part("undo").addEventListener("click", () => {
    ring.pop();
    write();
    show(true);
  });
  const add = ({ lng, lat }) => {
    if (!adding) return;
    ring.push([lng, lat]);
    write();
    show(true);
  };
  map.on("click", ({ latlng }) => add(latlng));
  // Without a pointer: arrow keys move the map under the cross in its middle, Enter sets a corner there.
  place.classList.add("map-keys");
  place.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target === place) add(map.getCenter());
  });
  field.addEventListener("change", () => {
    ring = read();
    show(false);
  });
}

start();
