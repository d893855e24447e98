/* One order's page: the map of its place, long selects that can be searched, where a person stands. All of it is comfort. */

import { json, leaflet, sheet } from "./leaflet.js";

const page = document;

/* the map: the outline of the grid and the order's point, drawn when it is scrolled to */
async function drawMap(place) {
  if (place.dataset.ready !== undefined) return;
  place.dataset.ready = "";
  try {
    const [L, outline] = await Promise.all([leaflet(place), json(place.dataset.shape)]);
    const { lon, lat } = place.dataset;
    if (!outline.features.length && lon === undefined) {
      delete place.dataset.ready;
      return;
    }
    place.setAttribute("role", "group");
    place.setAttribute("aria-label", place.dataset.label);
    const map = sheet(L, place);
    const area = L.geoJSON(outline, { interactive: false, style: { color: "#0b5878", weight: 2, fillOpacity: 0.08 } });
    const point = lon === undefined ? null : L.latLng(Number(lat), Number(lon));
    if (outline.features.length) map.fitBounds(area.getBounds(), { padding: [12, 12] });
    else map.setView(point, 16);
    area.addTo(map);
    if (point) L.circleMarker(point, { radius: 8, color: "#ffffff", weight: 2, fillColor: "#9b1c1c", fillOpacity: 1 }).addTo(map);
  } catch {
    delete place.dataset.ready;
  }
}

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    seen.unobserve(entry.target);
    entry.target.querySelectorAll("[data-order-map]").forEach(drawMap);
  }
});

/* a long select: a box above it narrows what it offers; the first hit is chosen */
function makeSearchable(select) {
  if (select.dataset.ready !== undefined || select.options.length < 12) return;
  select.dataset.ready = "";
  const groups = [...select.children].map((child) => child.cloneNode(true));
  const box = page.createElement("input");
  box.type = "search";
  box.className = "input searchable-box";
  box.autocomplete = "off";
  const label = page.querySelector(`label[for="${CSS.escape(select.id)}"]`);
  box.placeholder = select.dataset.searchable;
  box.setAttribute("aria-label", `${label?.textContent.trim() ?? ""}: ${select.dataset.searchable}`);
  const frame = page.createElement("div");
  frame.className = "searchable";
  select.replaceWith(frame);
  frame.append(box, select);
  const fits = (option, wanted) => `${option.textContent} ${option.dataset.words ?? ""}`.toLowerCase().includes(wanted);
  box.addEventListener("input", () => {
    const wanted = box.value.trim().toLowerCase();
    const kept = select.value;
    const shown = [];
    for (const group of groups) {
      const copy = group.cloneNode(true);
      if (copy.tagName === "OPTGROUP") {
        if (!wanted || !copy.label.toLowerCase().includes(wanted)) {
          for (const option of [...copy.children]) if (wanted && !fits(option, wanted)) option.remove();
        }
        if (copy.children.length) shown.push(copy);
      } else if (!wanted || fits(copy, wanted) || !copy.value) shown.push(copy);
    }
    select.replaceChildren(...shown);
    const first = [...select.options].find((option) => option.value);
    const still = [...select.options].some((option) => option.value === kept);
    select.value = wanted ? (first?.value ?? "") : still ? kept : "";
    box.setAttribute("aria-invalid", wanted && !first ? "true" : "false");
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      select.focus();
    }
  });
}

/* a long group of chips: a box above it hides what does not fit; what is chosen stays */
function makeNarrowable(chips) {
  if (chips.dataset.ready !== undefined || chips.children.length < 12) return;
  chips.dataset.ready = "";
  const box = page.createElement("input");
  Object.assign(box, { type: "search", className: "input", autocomplete: "off", placeholder: chips.dataset.narrow });
  box.setAttribute("aria-label", chips.dataset.narrow);
  chips.before(box);
  box.addEventListener("input", () => {
    const wanted = box.value.trim().toLowerCase();
    for (const chip of chips.children) {
      chip.hidden = !chip.querySelector("input").checked && !chip.textContent.toLowerCase().includes(wanted);
    }
  });
  box.addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.isComposing) event.preventDefault(); });
}

/* where somebody stands: filled in by the device when the field is focused or shown */
function locate(field) {
  if (field.dataset.ready !== undefined || field.value || !navigator.geolocation) return;
  field.dataset.ready = "";
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      if (!field.value) field.value = `${coords.longitude.toFixed(6)},${coords.latitude.toFixed(6)}`;
    },
    () => {},
    { enableHighAccuracy: true, timeout: 10000 },
  );
}

function dress(root) {
  for (const place of root.querySelectorAll("[data-order-map]")) {
    // A map that is not drawn takes no room, so its panel is watched for it.
    if (place.dataset.ready === undefined) seen.observe(place.closest(".panel"));
  }
  root.querySelectorAll("select[data-searchable]").forEach(makeSearchable);
  root.querySelectorAll("[data-narrow]").forEach(makeNarrowable);
  root.querySelectorAll("[data-locate]").forEach(locate);
}

page.addEventListener("htmx:afterSettle", (event) => dress(event.detail.target ?? event.target));
dress(page);

// A row of tabs that scrolls starts where the reader is.
page.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

/* rows that are chosen for one step: all at once, and none again */
for (const button of page.querySelectorAll("[data-choose-all]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const boxes = [...page.querySelectorAll(`input[type=checkbox][form="${button.form.id}"]`)];
    const every = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = every;
  });
}

/* standard texts: put in where somebody wrote last, else into the first box of the step */
let written = null;
page.addEventListener("focusin", (event) => { if (event.target.matches?.("textarea")) written = event.target; });

page.addEventListener("click", (event) => {
  const choice = event.target.closest("[data-text]");
  if (!choice) return;
  choice.closest("dialog").close();
  const box = written?.isConnected ? written : page.querySelector(".move-form textarea") ?? page.querySelector("main textarea");
  if (!box) return;
  const folded = box.closest("details");
  if (folded) folded.open = true;
  box.setRangeText(choice.dataset.text, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input", { bubbles: true }));
  box.focus();
  const token = JSON.parse(page.body.getAttribute("hx-headers"))["X-CSRFToken"];
  fetch(choice.dataset.used, { method: "POST", headers: { "X-CSRFToken": token }, keepalive: true }).catch(() => {});
});
