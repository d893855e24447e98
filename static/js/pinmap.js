/* A mark on the map: the map moves under a cross in its middle, by finger, by arrow keys, by its buttons. */

import { json, leaflet, sheet } from "./leaflet.js";

const LOOKED_AT = 17;

export async function mark(place, from, done) {
  const plan = place.querySelector("[data-place-plan]");
  const L = await leaflet(place);
  plan.hidden = false;
  if (!plan.map) {
    plan.map = sheet(L, plan);
    plan.insertAdjacentElement("beforeend", Object.assign(document.createElement("span"), { className: "place-cross" }));
    plan.map.on("moveend", () => {
      if (plan.settled) done({ lon: plan.map.getCenter().lng, lat: plan.map.getCenter().lat });
    });
    const outline = place.dataset.shapes ? await json(place.dataset.shapes).catch(() => null) : null;
    if (outline?.features.length) {
      const area = L.geoJSON(outline, { interactive: false, style: { color: "#0b5878", weight: 2, fillOpacity: 0.08 } }).addTo(plan.map);
      plan.map.fitBounds(area.getBounds());
    }
  }
  if (from.lon !== null) plan.map.setView([from.lat, from.lon], Math.max(LOOKED_AT, plan.map.getZoom() || 0), { animate: false });
  else if (!plan.map.getZoom()) plan.map.setView([36.06, 103.83], 12, { animate: false });
  plan.map.invalidateSize();
  plan.settled = true;
  plan.focus();
}
