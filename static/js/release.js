/* The fields over a photo are one stop of the tab key; the arrow keys walk from field to field. */

const COLUMNS = 12;
const STEPS = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS };

const fields = [...document.querySelectorAll("[data-mask] input")];
const stop = (there) => {
  for (const field of fields) field.tabIndex = field === there ? 0 : -1;
};
stop(fields[0]);

for (const [place, field] of fields.entries()) {
  field.addEventListener("focus", () => stop(field));
  field.addEventListener("keydown", (event) => {
    const there = fields[place + STEPS[event.key]];
    if (!there) return;
    event.preventDefault();
    there.focus();
  });
}
