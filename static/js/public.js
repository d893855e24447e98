/* The resident's pages: position, one choice of kind, one sending, printing. Each page works without it. */

const page = document;

for (const button of page.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

/* A form goes out once; the browser's back button opens it again. */
for (const form of page.querySelectorAll("form[data-once]")) {
  const button = form.querySelector("[type=submit]");
  const label = button.textContent;
  form.addEventListener("submit", (event) => {
    if (button.getAttribute("aria-busy")) event.preventDefault();
    button.setAttribute("aria-busy", "true");
    button.textContent = form.dataset.busy;
  });
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    button.removeAttribute("aria-busy");
    button.textContent = label;
  });
}

page.querySelector("[data-error-summary]")?.focus();

/* The chips and the list below them are one choice. */
const chips = page.querySelector("[data-kinds]");
const other = page.querySelector("[data-kinds-other]");
chips?.addEventListener("change", () => { other.value = ""; });
other?.addEventListener("change", () => {
  for (const chip of chips.querySelectorAll("input")) chip.checked = false;
});

/* "Where I am now" leads to the grid of the position. */
const here = page.querySelector("[data-here]");
if (here && "geolocation" in navigator) {
  here.hidden = false;
  const words = here.querySelector("[data-here-words]");
  here.querySelector("[data-here-button]").addEventListener("click", () => {
    words.textContent = here.dataset.finding;
    navigator.geolocation.getCurrentPosition(
      async ({ coords }) => {
        try {
          const answer = await fetch(`${here.dataset.url}?lon=${coords.longitude}&lat=${coords.latitude}`);
          const found = await answer.json();
          if (found.grid) window.location.assign(here.dataset.to + found.grid.code + here.dataset.end);
          else words.textContent = found.words;
        } catch {
          words.textContent = here.dataset.refused;
        }
      },
      () => { words.textContent = here.dataset.refused; },
      { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
    );
  });
}
