/* The base map, when one is set up: web-Mercator tiles, moved under the outlines when they are drawn in GCJ-02 or BD-09. */

import { fromWgs84 } from "./coordinates.js";

/* Tiles of a shifted system are placed as if the map's middle were where that system says it is. */
function shiftedLayer(L, system) {
  const moved = (center) => {
    const [lon, lat] = fromWgs84(center.lng, center.lat, system);
    return L.latLng(lat, lon);
  };
  return L.TileLayer.extend({
    _setView(center, ...rest) {
      L.TileLayer.prototype._setView.call(this, moved(center), ...rest);
    },
    _update(center) {
      if (this._map) L.TileLayer.prototype._update.call(this, center ?? moved(this._map.getCenter()));
    },
    _onMoveEnd() {
      L.TileLayer.prototype._onMoveEnd.call(this);
      // The shift changes on the way: a few metres over ten kilometres.
      if (this._map && !this._map._animatingZoom) this._setZoomTransforms(moved(this._map.getCenter()), this._map.getZoom());
    },
  });
}

export function baseMap(L, map, tiles) {
  if (!tiles) return false;
  const shifted = tiles.system === "gcj02" || tiles.system === "bd09";
  const Layer = shifted ? shiftedLayer(L, tiles.system) : L.TileLayer;
  const options = { subdomains: tiles.subdomains, maxNativeZoom: tiles.deepest, maxZoom: 19 };
  for (const url of [tiles.url, tiles.labels]) if (url) new Layer(url, options).addTo(map);
  if (tiles.attribution) {
    const safe = document.createElement("span"); // Leaflet takes HTML here
    safe.textContent = tiles.attribution;
    L.control.attribution({ prefix: false }).addAttribution(safe.innerHTML).addTo(map);
  }
  return true;
}
