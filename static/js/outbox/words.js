/* The page's own words, and how times are said while it stands still: as pages/words.py says them. */

const element = document.querySelector("script#phone-words");
export const words = element ? JSON.parse(element.textContent) : {};
const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

/* Fill %(name)s, %(name)d and %(name)02d. */
export function named(pattern = "", values = {}) {
  return pattern.replace(/%\((\w+)\)(0?)(\d*)[sd]/g, (whole, name, pad, width) =>
    values[name] === undefined ? whole : String(values[name]).padStart(pad ? Number(width) : 0, "0"));
}

export const say = (name, values) => named(words[name], values);

export function span(length) {
  const total = Math.abs(length);
  const days = Math.floor(total / DAY), hours = Math.floor((total % DAY) / HOUR), minutes = Math.floor((total % HOUR) / MINUTE);
  if (days >= 3 || (days && !hours)) return say(days === 1 ? "day" : "days", { count: days });
  if (days) return say(days === 1 ? "dayHours" : "daysHours", { count: days, hours });
  if (hours && minutes) return say("hoursMinutes", { hours, minutes });
  if (hours) return say("hours", { hours });
  return minutes ? say("minutes", { minutes }) : say("moment");
}

export function clock(at) {
  const then = new Date(at), now = new Date();
  const parts = { month: then.getMonth() + 1, day: then.getDate(), hour: then.getHours(), minute: then.getMinutes() };
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  if (then >= midnight && then - midnight < DAY) return say("today", parts);
  if (then < midnight && midnight - then <= DAY) return say("yesterday", parts);
  return say("date", parts);
}

/* Due clocks go on while a page stands still, or is read from a copy. */
export function tick(root = document) {
  for (const one of root.querySelectorAll("time.due[datetime]")) {
    const left = Date.parse(one.dateTime) - Date.now();
    if (Number.isNaN(left)) continue;
    const text = [...one.childNodes].find((node) => node.nodeType === Node.TEXT_NODE);
    const said = say(left >= 0 ? "left" : "over", { duration: span(left) });
    if (text && text.nodeValue !== said) text.nodeValue = said;
    if (left < 0 && (one.classList.contains("due-ok") || one.classList.contains("due-soon"))) {
      one.classList.remove("due-ok", "due-soon");
      one.classList.add("due-late");
    }
  }
}
