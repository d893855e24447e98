/* WGS-84 to the shifted systems of Chinese tiles: the same formulas as grids/coordinates.py, for the browser. */

const BOX = { west: 72.004, south: 0.8293, east: 137.8347, north: 55.8271 };
const A = 6378245;
const E2 = 0.006693421622965943;
const RADIAN = Math.PI / 180;
const BD_WAVE = (Math.PI * 3000) / 180;

const waves = (at, first, third, fourth) =>
  first * Math.sin(Math.PI * at) + 2 * first * Math.sin((Math.PI * at) / 3) + third * Math.sin((Math.PI * at) / 12) + fourth * Math.sin((Math.PI * at) / 30);

function gcj02(lon, lat) {
  const x = lon - 105;
  const y = lat - 35;
  const root = Math.sqrt(Math.abs(x));
  const short = 20 * Math.sin(6 * Math.PI * x) + 20 * Math.sin(2 * Math.PI * x);
  const north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + ((short + waves(y, 20, 160, 320)) * 2) / 3;
  const east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + ((short + waves(x, 20, 150, 300)) * 2) / 3;
  const bend = 1 - E2 * Math.sin(lat * RADIAN) ** 2;
  return [
    lon + east / ((A / Math.sqrt(bend)) * Math.cos(lat * RADIAN)) / RADIAN,
    lat + north / ((A * (1 - E2)) / bend ** 1.5) / RADIAN,
  ];
}

function bd09(lon, lat) {
  const length = Math.hypot(lon, lat) + 0.00002 * Math.sin(lat * BD_WAVE);
  const angle = Math.atan2(lat, lon) + 0.000003 * Math.cos(lon * BD_WAVE);
  return [length * Math.cos(angle) + 0.0065, length * Math.sin(angle) + 0.006];
}

/* [lon, lat] as a map of that system shows it */
export function fromWgs84(lon, lat, system) {
  const inside = lon >= BOX.west && lon <= BOX.east && lat >= BOX.south && lat <= BOX.north;
  if (!inside || (system !== "gcj02" && system !== "bd09")) return [lon, lat];
  const shifted = gcj02(lon, lat);
  return system === "bd09" ? bd09(...shifted) : shifted;
}
