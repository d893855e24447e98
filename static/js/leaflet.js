/* Leaflet, loaded when a map comes into view: a classic script and its style sheet, once. */

let loading;

export function leaflet(place) {
  if (window.L) return Promise.resolve(window.L);
  loading ??= new Promise((resolve, reject) => {
    const { leafletCss: style } = place.dataset;
    if (!document.querySelector(`link[rel=stylesheet][href="${style}"]`)) {
      const sheet = document.createElement("link");
      sheet.rel = "stylesheet";
      sheet.href = style;
      document.head.append(sheet);
    }
    const script = document.createElement("script");
    script.src = place.dataset.leaflet;
    script.addEventListener("load", () => resolve(window.L));
    script.addEventListener("error", () => {
      loading = undefined;
      reject(new Error("leaflet"));
    });
    document.head.append(script);
  });
  return loading;
}

export async function json(address) {
  const answer = await fetch(address, { headers: { Accept: "application/geo+json" }, credentials: "same-origin" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

export function sheet(L, place) {
  const map = L.map(place, { attributionControl: false, zoomSnap: 0.5, scrollWheelZoom: false, maxZoom: 19 });
  L.control.scale({ imperial: false }).addTo(map);
  return map;
}
