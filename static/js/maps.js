/* One map: outlines coloured by what is open. A click, or Enter, goes down into the area; the table does the same. */

import { json, leaflet, sheet } from "./leaflet.js";

const place = document.querySelector("[data-map]");
const figures = JSON.parse(document.getElementById("map-figures")?.textContent ?? "{}");
// With few areas their names and figures stand on the map; with many they show under the pointer.
const few = Object.keys(figures).length <= 16;
const rows = new Map([...document.querySelectorAll("[data-area]")].map((row) => [row.dataset.area, row]));

function say(text) {
  const note = document.createElement("p");
  note.className = "map-note soft";
  note.textContent = text;
  place.replaceChildren(note);
}

function dress(feature, layer) {
  const { code, name } = feature.properties;
  const found = figures[code] ?? { open: 0, overdue: 0, band: 0 };
  const words = `${name}: ${found.open} ${place.dataset.open}, ${found.overdue} ${place.dataset.overdue}`;
  const className = found.band > 2 ? "map-label map-label-dark" : "map-label";
  if (few) layer.bindTooltip(labelOf(name, found), { permanent: true, direction: "center", className });
  else layer.bindTooltip(words, { sticky: true });
  const link = rows.get(code)?.querySelector("a");
  const go = () => link && window.location.assign(link.href);
  layer.on("click", go);
  layer.on("add", () => {
    const shape = layer.getElement();
    if (!shape) return;
    shape.setAttribute("aria-label", words);
    shape.setAttribute("role", link ? "link" : "img");
    if (!link) return;
    shape.setAttribute("tabindex", "0");
    shape.addEventListener("keydown", (event) => event.key === "Enter" && go());
  });
}

function labelOf(name, found) {
  const label = document.createElement("span");
  label.append(name, document.createElement("br"), String(found.open));
  if (found.overdue) label.append(` · ${place.dataset.overdue} ${found.overdue}`);
  return label;
}

function look(feature) {
  const found = figures[feature.properties.code] ?? { band: 0 };
  return { className: `map-area map-area-${found.band}` };
}

async function draw() {
  try {
    const [L, outlines] = await Promise.all([leaflet(place), json(place.dataset.shapes)]);
    if (!outlines.features.length) {
      say(place.dataset.none);
      return;
    }
    place.replaceChildren();
    const map = sheet(L, place);
    const areas = L.geoJSON(outlines, { style: look, onEachFeature: dress });
    map.fitBounds(areas.getBounds(), { padding: [8, 8] });
    areas.addTo(map);
  } catch {
    say(place.dataset.failed);
  }
}

if (place) draw();
