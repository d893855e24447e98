/* A mark on the map: the map moves under a cross in its middle, by finger, by arrow keys, by its buttons. */

import { json, leaflet, sheet } from "./leaflet.js";

const CLOSE = 17;
// Somewhere to stand until the outline of the own grid is there: the country.
const ANYWHERE = [[36, 104], 5];

export async function mark(place, from, done) {
  const plan = place.querySelector("[data-place-plan]");
  const L = await leaflet(place);
  plan.hidden = false;
  if (!plan.map) {
    plan.map = sheet(L, plan).setView(...ANYWHERE, { animate: false });
    plan.append(Object.assign(document.createElement("span"), { className: "place-cross" }));
    const outline = place.dataset.shapes ? await json(place.dataset.shapes).catch(() => null) : null;
    if (outline?.features.length) {
      const area = L.geoJSON(outline, { interactive: false, style: { color: "#0b5878", weight: 2, fillOpacity: 0.08 } });
      plan.map.fitBounds(area.addTo(plan.map).getBounds(), { animate: false });
    }
    plan.map.on("moveend", () => {
      if (plan.dataset.ready !== undefined) done({ lon: plan.map.getCenter().lng, lat: plan.map.getCenter().lat });
    });
  }
  plan.map.invalidateSize({ animate: false });
  if (from.lon !== null) plan.map.setView([from.lat, from.lon], Math.max(CLOSE, plan.map.getZoom()), { animate: false });
  plan.dataset.ready = "";
  plan.focus();
}
