/* Areas on the map: a canvas layer cut into tiles in the browser, so that thirty thousand of them move as one does.

The outlines come once per level and zoom step and are kept; a new measure only changes the fill. */

import { json } from "./leaflet.js";

export const FILLS = { 1: "#d3e7ef", 2: "#93c2d6", 3: "#4b91b0", 4: "#0b5878", 0: "#ffffff", "-": "#e9edf0" };
const LINE = "#4a5a66";
const BUFFER = 64;
const EXTENT = 4096;
const LABELS = 60;
// Below so many pixels across, areas of a level are too small to tell apart.
const SMALLEST = 22;

let loading;

export function tiler(place) {
  if (window.GeoJSONVT) return Promise.resolve();
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = place.dataset.vt;
    script.addEventListener("load", resolve);
    script.addEventListener("error", () => reject(new Error("geojson-vt")));
    document.head.append(script);
  });
  return loading;
}

/* the level that fits: areas large enough to see, and few enough to send */
export function levelFor(map, config) {
  const floors = config.floors;
  if (!floors.length || !config.bounds) return floors[0]?.level ?? "";
  const [west, south, east, north] = config.bounds;
  const zoom = map.getZoom();
  const corner = map.project([north, west], zoom);
  const other = map.project([south, east], zoom);
  const whole = Math.max((other.x - corner.x) * (other.y - corner.y), 1);
  const size = map.getSize();
  const seen = Math.min((size.x * size.y * 4) / whole, 1);
  let fit = floors[0].level;
  for (const floor of floors) {
    if (Math.sqrt(whole / floor.count) < SMALLEST || floor.count * seen > config.most) break;
    fit = floor.level;
  }
  return fit;
}

export class Areas {
  constructor(L, map, config) {
    Object.assign(this, { L, map, config, classes: new Map(), values: new Map(), features: [], hatch: null, key: "", opacity: config.tiles ? 0.72 : 0.95 });
    const draw = (coords) => this.tile(coords);
    const Layer = L.GridLayer.extend({ createTile: draw });
    this.layer = new Layer({ tileSize: 256, minZoom: 3, maxZoom: 19, updateWhenZooming: false, keepBuffer: 1, className: "map-tiles" });
    this.labels = L.layerGroup();
    this.kept = new Map();
    // The tiles on the screen, so that a new measure paints them again without asking for anything.
    this.tiles = new Map();
    this.layer.on("tileunload", ({ tile }) => this.tiles.delete(tile));
    this.layer.addTo(map);
    this.labels.addTo(map);
  }

  /* where to ask: the whole level, or what lies in view when it has too many */
  address(level) {
    const zoom = Math.max(...this.config.zooms.filter((one) => one <= this.map.getZoom()), this.config.zooms[0]);
    const floor = this.config.floors.find((one) => one.level === level);
    let address = `${this.config.outlines}${level}/${zoom}/${this.config.revision}/`;
    const box = floor && floor.count > this.config.most ? this.box() : "";
    if (box) address += `?box=${box}`;
    return { address, box };
  }

  /* whole cells of the zoom around the view, so that a small move asks for nothing new */
  box() {
    const cell = (360 / 2 ** Math.floor(this.map.getZoom())) * 2;
    const view = this.map.getBounds();
    const down = (value) => Math.floor(value / cell) * cell;
    const up = (value) => Math.ceil(value / cell) * cell;
    return [down(view.getWest()), down(view.getSouth()), up(view.getEast()), up(view.getNorth())].map((one) => one.toFixed(5)).join(",");
  }

  async show(level) {
    const { address, box } = this.address(level);
    if (address === this.key) return box;
    this.key = address;
    if (!this.kept.has(address)) this.kept.set(address, json(address));
    let outlines;
    try {
      outlines = await this.kept.get(address);
    } catch (error) {
      this.kept.delete(address);
      throw error;
    }
    if (this.key !== address) return box;
    this.level = outlines.level;
    this.features = outlines.features;
    const options = { maxZoom: 19, indexMaxZoom: 5, indexMaxPoints: 20000, tolerance: 2, extent: EXTENT, buffer: BUFFER };
    this.index = new window.GeoJSONVT(outlines, options);
    this.repaint();
    this.name();
    return box;
  }

  fill(answer) {
    this.classes = new Map(answer.ids.map((id, at) => [id, answer.classes[at]]));
    this.values = new Map(answer.ids.map((id, at) => [id, answer.values[at]]));
    this.repaint();
    this.name();
  }

  repaint() {
    for (const [canvas, coords] of this.tiles) this.paint(canvas, coords);
  }

  tile(coords) {
    const canvas = document.createElement("canvas");
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    canvas.width = canvas.height = 256 * ratio;
    this.tiles.set(canvas, coords);
    this.paint(canvas, coords);
    return canvas;
  }

  paint(canvas, coords) {
    const context = canvas.getContext("2d");
    const scale = canvas.width / EXTENT;
    context.clearRect(0, 0, canvas.width, canvas.height);
    const tile = this.index?.getTile(coords.z, coords.x, coords.y);
    if (!tile) return;
    context.lineWidth = canvas.width / 256;
    context.strokeStyle = LINE;
    context.globalAlpha = this.opacity;
    for (const feature of tile.features) {
      context.beginPath();
      for (const ring of feature.geometry) {
        ring.forEach(([x, y], at) => (at ? context.lineTo(x * scale, y * scale) : context.moveTo(x * scale, y * scale)));
        context.closePath();
      }
      const band = this.classes.get(feature.id) ?? "-";
      context.fillStyle = this.quiet ? FILLS[0] : band === "-" ? this.pattern(context) : FILLS[band];
      context.fill("evenodd");
      context.stroke();
    }
  }

  /* areas of which nothing is known are hatched, not only pale */
  pattern(context) {
    if (!this.hatch) {
      const small = document.createElement("canvas");
      small.width = small.height = 8;
      const pen = small.getContext("2d");
      pen.fillStyle = FILLS["-"];
      pen.fillRect(0, 0, 8, 8);
      pen.strokeStyle = "#b3bfc8";
      pen.beginPath();
      pen.moveTo(0, 8);
      pen.lineTo(8, 0);
      pen.stroke();
      this.hatch = context.createPattern(small, "repeat");
    }
    return this.hatch;
  }

  /* names and figures where there is room for them: what the colour says, in words */
  name() {
    this.labels.clearLayers();
    if (this.quiet) return;
    const view = this.map.getBounds().pad(-0.02);
    const zoom = this.map.getZoom();
    const roomy = [];
    for (const feature of this.features) {
      const box = (feature.box ??= boxOf(feature.geometry));
      const corner = this.map.project([box[3], box[0]], zoom);
      const other = this.map.project([box[1], box[2]], zoom);
      const middle = [(box[1] + box[3]) / 2, (box[0] + box[2]) / 2];
      if (other.x - corner.x < 64 || other.y - corner.y < 30 || !view.contains(middle)) continue;
      const spot = this.map.project(middle, zoom);
      const half = Math.min(feature.properties.name.length * 7.5, 72);
      const room = [spot.x - half, spot.y - 18, spot.x + half, spot.y + 18];
      roomy.push({ feature, middle, room, size: (other.x - corner.x) * (other.y - corner.y) });
    }
    // The larger area keeps its label where two would cover each other.
    roomy.sort((one, two) => two.size - one.size);
    const taken = (this.avoid ?? []).map((one) => this.map.project(one, zoom)).map(({ x, y }) => [x - 16, y - 20, x + 26, y + 16]);
    const marks = taken.length;
    const free = roomy.filter(({ room }) => {
      if (taken.length - marks >= LABELS || taken.some((other) => room[0] < other[2] && room[2] > other[0] && room[1] < other[3] && room[3] > other[1])) return false;
      taken.push(room);
      return true;
    });
    for (const { feature, middle } of free) {
      const label = document.createElement("span");
      label.className = (this.classes.get(feature.id) ?? "0") > "2" ? "map-label map-label-dark" : "map-label";
      const figure = document.createElement("b");
      figure.textContent = this.values.get(feature.id) || "–";
      label.append(feature.properties.name, document.createElement("br"), figure);
      const icon = this.L.divIcon({ className: "map-label-place", html: label, iconSize: [0, 0] });
      this.labels.addLayer(this.L.marker(middle, { icon, interactive: false, keyboard: false }));
    }
  }

  /* the features in view, for the list beside the map */
  inView() {
    const view = this.map.getBounds();
    return this.features.filter((feature) => {
      const box = (feature.box ??= boxOf(feature.geometry));
      return box[0] < view.getEast() && box[2] > view.getWest() && box[1] < view.getNorth() && box[3] > view.getSouth();
    });
  }
}

function boxOf(geometry) {
  const box = [180, 90, -180, -90];
  const rings = geometry.type === "Polygon" ? [geometry.coordinates[0]] : geometry.coordinates.map((part) => part[0]);
  // The largest part carries the name.
  const ring = rings.reduce((most, one) => (one.length > most.length ? one : most), rings[0]);
  for (const [lon, lat] of ring) {
    if (lon < box[0]) box[0] = lon;
    if (lat < box[1]) box[1] = lat;
    if (lon > box[2]) box[2] = lon;
    if (lat > box[3]) box[3] = lat;
  }
  return box;
}
