/* "I stand there now" fills in a spot's position. */

const fix = document.querySelector("[data-fix]");
if (fix && "geolocation" in navigator) {
  const form = fix.closest("form");
  const words = fix.querySelector("[role=status]");
  fix.hidden = false;
  fix.querySelector("button").addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.elements.lon.value = coords.longitude.toFixed(6);
        form.elements.lat.value = coords.latitude.toFixed(6);
        words.textContent = `± ${Math.round(coords.accuracy)} m`;
      },
      () => { words.textContent = fix.dataset.refused; },
      { enableHighAccuracy: true, timeout: 10000 },
    );
  });
}
