/* Orders on the map, gathered on the server: one mark per cell with its figure in words, and squares of heat. */

const HEAT = { 1: "#fbe3c0", 2: "#f0b25f", 3: "#d9791c", 4: "#a3470a" };

export class Points {
  constructor(L, map, config, open) {
    Object.assign(this, { L, map, config, open, marks: L.layerGroup().addTo(map), squares: L.layerGroup().addTo(map) });
    // Squares are few thousand: one canvas for all of them, above the areas and below the marks.
    map.createPane("heat").style.zIndex = 350;
    this.canvas = L.canvas({ pane: "heat" });
  }

  clear() {
    this.marks.clearLayers();
    this.squares.clearLayers();
  }

  draw(answer) {
    this.clear();
    for (const [lon, lat, count, overdue, number] of answer.points) {
      const told = this.config.words.orders.replace("%(count)s", count).replace("%(overdue)s", overdue);
      const words = number ? `${told} · ${number}` : told;
      const mark = this.L.marker([lat, lon], { icon: this.icon(count, overdue), alt: words, title: words, keyboard: true, riseOnHover: true });
      mark.on("click", () => this.open(number ? { order: number } : { box: this.cell(lon, lat, answer.side) }));
      this.marks.addLayer(mark);
      mark.getElement()?.setAttribute("aria-label", words);
    }
  }

  /* the same cell of the web-Mercator map the server counted in */
  cell(lon, lat, side) {
    const mercator = (Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) * 180) / Math.PI;
    const latitude = (value) => (2 * Math.atan(Math.exp((value * Math.PI) / 180)) - Math.PI / 2) * (180 / Math.PI);
    const column = Math.floor(lon / side);
    const row = Math.floor(mercator / side);
    return [column * side, latitude(row * side), (column + 1) * side, latitude((row + 1) * side)].map((one) => one.toFixed(6)).join(",");
  }

  icon(count, overdue) {
    const face = document.createElement("span");
    face.className = `map-mark${overdue ? " map-mark-late" : ""}${count > 99 ? " map-mark-large" : count === 1 ? " map-mark-one" : ""}`;
    face.textContent = count;
    if (overdue) {
      // Drawn by the style sheet: the mark's name says it in words.
      face.append(document.createElement("b"));
      face.lastChild.dataset.late = overdue;
    }
    return this.L.divIcon({ className: "map-mark-place", html: face, iconSize: [0, 0] });
  }

  heat(answer) {
    this.clear();
    for (const [west, south, east, north, count, band, hot] of answer.cells) {
      const style = { renderer: this.canvas, interactive: false, stroke: Boolean(hot), color: "#6b1414", weight: hot === 2 ? 3 : 1.5, dashArray: hot === 1 ? "4 3" : null, fillColor: HEAT[band], fillOpacity: 0.75 };
      this.squares.addLayer(this.L.rectangle([[south, west], [north, east]], style));
    }
  }
}
