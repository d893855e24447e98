/* The desk: on wide screens an order opens beside the queue, below that it is a page of its own. */

const page = document;
const wide = window.matchMedia("(min-width: 85rem)");

function mark(number) {
  for (const row of page.querySelectorAll("[data-row]")) {
    if (row.dataset.number === number) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

page.addEventListener("htmx:beforeRequest", (event) => {
  const row = event.detail.elt.closest?.("[data-row]");
  if (!row || wide.matches) return;
  event.preventDefault();
  window.location.assign(row.href);
});

page.addEventListener("htmx:afterSettle", (event) => {
  if (!event.detail.target?.matches("[data-pane]")) return;
  const order = event.detail.target.querySelector("[data-order]");
  if (!order) return;
  mark(order.dataset.order);
  if (event.detail.target.getBoundingClientRect().top < 0) window.scrollTo({ top: 0 });
  page.title = `${order.querySelector(".order-title")?.textContent ?? ""} ${order.dataset.order}`;
});

/* up and down walk through the queue while it has the focus */
page.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const queue = event.target.closest?.("[data-queue]");
  if (!queue) return;
  const rows = [...queue.querySelectorAll("[data-row]")];
  const next = rows[rows.indexOf(page.activeElement) + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

page.querySelector("[data-row][aria-current]")?.scrollIntoView({ block: "nearest" });
