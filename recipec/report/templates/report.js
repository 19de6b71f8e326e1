"use strict";
// The page works without this script: it sorts tables, opens what a link points at, and prints all.
for (const table of document.querySelectorAll("table.sortable")) {
  for (const head of table.tHead.rows[table.tHead.rows.length - 1].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sort(table.tBodies[0], head));
  }
}

function sort(body, head) {
  const falling = head.getAttribute("aria-sort") === "ascending";
  for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", falling ? "descending" : "ascending");
  const value = (row) => {
    const cell = row.cells[head.cellIndex];
    if (cell.dataset.order === undefined) return cell.textContent.trim() || null;
    return cell.dataset.order === "" ? null : Number(cell.dataset.order);
  };
  const compare = (one, other) => {
    const a = value(one), b = value(other);
    if (a === null || b === null) return (a === null) - (b === null);  // what is missing comes last
    const order = typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
    return falling ? -order : order;
  };
  body.append(...[...body.rows].sort(compare));
}

function openTarget() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  if (target) target.scrollIntoView();
}
addEventListener("hashchange", openTarget);
openTarget();

let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of closed) details.open = false;
});
