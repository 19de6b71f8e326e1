"use strict";
// The page works without its scripts, but for charts and what is packed. This one sorts tables,
// unpacks what is opened, opens what a link points at, and prints all that is closed.

/** Give text that was deflated and written in base64. */
async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).text();
}

/** Make an element; attributes without a value are left out, and children may be text. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function sortable(root) {
  for (const table of root.querySelectorAll("table.sortable:not([data-ready])")) {
    table.dataset.ready = "";
    for (const head of table.tHead.rows[table.tHead.rows.length - 1].cells) {
      const button = make("button", { type: "button" }, ...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sort(table.tBodies[0], head));
    }
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
  const compare = ([a], [b]) => {
    if (a === null || b === null) return (a === null) - (b === null);  // what is missing comes last
    const order = typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
    return falling ? -order : order;
  };
  const rows = [...body.rows].map((row) => [value(row), row]);
  body.append(...rows.sort(compare).map(([, row]) => row));
}

/** Put what a fold holds into it, once. */
async function unfold(details) {
  const packed = details.querySelector(":scope > script");
  if (!packed) return;
  packed.remove();
  details.insertAdjacentHTML("beforeend", await unpacked(packed.textContent));
  sortable(details);
}

async function openTarget() {
  const id = location.hash.slice(1);
  if (!id) return;
  const holder = [...document.querySelectorAll("details.bulk")].find(
    (details) => details.dataset.holds && id.startsWith(details.dataset.holds),
  );
  if (!document.getElementById(id) && holder) await unfold(holder);
  const target = document.getElementById(id);
  for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  if (target) target.scrollIntoView();
}

sortable(document);
for (const details of document.querySelectorAll("details.bulk")) {
  details.addEventListener("toggle", () => details.open && unfold(details));
}
addEventListener("hashchange", openTarget);
openTarget();

let closed = [];
addEventListener("beforeprint", () => {
  // What is packed can't be unpacked in time: it is printed when it was opened before.
  closed = [...document.querySelectorAll("details:not([open])")].filter(
    (details) => !details.querySelector(":scope > script"),
  );
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of closed) details.open = false;
});
