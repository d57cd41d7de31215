// The heads of the columns are one tab stop; the arrow keys go from one to the next, and down into the column.
import { headNamed, headOf, heads } from "./table.js";

const stops = () => [...document.querySelectorAll("[data-grid] thead th a")];
let last = null; // { field, at } of the head that has the focus

function focusStop(link) {
  for (const stop of stops()) stop.tabIndex = stop === link ? 0 : -1;
  link.focus();
  link.scrollIntoView({ block: "nearest", inline: "nearest" });
}

const PLACES = {
  ArrowLeft: (all, at) => all[at - 1],
  ArrowRight: (all, at) => all[at + 1],
  Home: (all) => all[0],
  End: (all) => all.at(-1),
};

function goDown(head) {
  const cell = document.querySelector(`#record-rows td[data-field="${CSS.escape(head.dataset.field)}"]`);
  cell?.focus();
}

document.addEventListener("keydown", (event) => {
  const head = headOf(event.target);
  if (!head || event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowDown") {
    event.preventDefault();
    return event.altKey ? head.querySelector(".options").click() : goDown(head);
  }
  const all = stops();
  const next = event.altKey ? null : PLACES[event.key]?.(all, all.indexOf(event.target));
  if (!next) return;
  event.preventDefault();
  focusStop(next);
});

document.addEventListener("focusin", ({ target }) => {
  const head = headOf(target);
  last = head && { field: head.dataset.field, at: [...head.querySelectorAll("a")].indexOf(target) };
});

// A list that is drawn again, such as after a column was moved, keeps the focus on that head, or on the one in its
// place. The menu of a head gives the focus back as it closes.
let place = null;

document.addEventListener("htmx:before:swap", () => {
  const head = headOf(document.activeElement ?? document.body);
  place = head && { ...last, index: head.cellIndex };
});

document.addEventListener("htmx:after:swap", () => {
  if (!place || headOf(document.activeElement)) return;
  const all = heads();
  const head = headNamed(place.field) ?? all[place.index - 1] ?? all.at(-1);
  const link = head?.querySelectorAll("a")[Math.max(place.at, 0)];
  place = null;
  if (link) focusStop(link);
});
