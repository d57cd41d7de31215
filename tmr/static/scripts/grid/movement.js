// Moves about the grid by keyboard, mouse and touch, and starts what a key does to a cell.
import { actionOf, keysOf } from "../keyboard/keymap.js";
import {
  cellOf,
  firstCell,
  firstInGrid,
  firstInRow,
  focusCell,
  headings,
  lastCell,
  lastInGrid,
  lastInRow,
  later,
  neighbour,
  pointAt,
} from "./cells.js";
import { pick, pickedRows } from "../commands/selection.js";
import { clearRange, fillDown, fillRight } from "../ranges/changes.js";
import { collapse, endOfRange, extendTo, hasRange, selectAll } from "../ranges/range.js";
import { openEditor } from "./editor.js";

const PAGE_ROWS = 10;
const PLACES = {
  ArrowUp: (cell) => neighbour(cell, -1, 0),
  ArrowDown: (cell) => neighbour(cell, 1, 0),
  ArrowLeft: (cell) => neighbour(cell, 0, -1),
  ArrowRight: (cell) => neighbour(cell, 0, 1),
  PageUp: (cell) => neighbour(cell, -PAGE_ROWS, 0),
  PageDown: (cell) => neighbour(cell, PAGE_ROWS, 0),
  Home: firstInRow,
  End: lastInRow,
};
const EDGES = {
  ArrowUp: (cell) => neighbour(cell, -Infinity, 0),
  ArrowDown: (cell) => neighbour(cell, Infinity, 0),
  ArrowLeft: firstInRow,
  ArrowRight: lastInRow,
  Home: firstInGrid,
  End: lastInGrid,
};
const pageKeys = new Set(keysOf("page"));

const actions = {
  move: (cell, key) => goTo(PLACES[key](cell)),
  moveToEdge: (cell, key) => goTo(EDGES[key](cell)),
  extend: (cell, key) => extendTo(cell, PLACES[key](endOfRange(cell))),
  extendToEdge: (cell, key) => extendTo(cell, EDGES[key](endOfRange(cell))),
  selectAll: () => selectAll(),
  collapse: () => collapse(),
  fillDown: (cell) => fillDown(cell),
  fillRight: (cell) => fillRight(cell),
  edit: (cell, key) => openEditor(cell, key.length === 1 ? { letter: key } : {}),
  open: (cell) => cell.parentElement.querySelector("td[data-field] a").click(),
  select: (cell) => pick(cell),
  delete: (cell) => {
    if (hasRange()) return clearRange(cell);
    if (!pickedRows().length) return openEditor(cell, { isCleared: true });
    document.querySelector("#bulk [value=delete]").click();
  },
};

function goTo(cell) {
  collapse();
  focusCell(cell);
}

function enhance() {
  const table = document.querySelector("table[data-grid]");
  if (!table) return;
  table.setAttribute("role", "grid");
  table.setAttribute("aria-multiselectable", "true");
  const labels = Object.fromEntries(headings().map(({ field, label }) => [field, label]));
  for (const cell of table.querySelectorAll("td[data-field]:not([tabindex])")) {
    cell.tabIndex = -1;
    cell.dataset.label = labels[cell.dataset.field];
  }
  [...table.querySelectorAll("thead a")].forEach((link, at) => {
    link.tabIndex = at ? -1 : 0; // the heads are one tab stop
  });
  for (const inner of table.querySelectorAll("tbody :is(a, button, .pick input):not([tabindex])")) inner.tabIndex = -1;
  [...table.querySelectorAll("tbody > tr[data-id]")].forEach((row, position) => {
    row.setAttribute("aria-rowindex", Number(table.dataset.first) + position + 1); // the head is row 1
    row.setAttribute("aria-selected", row.querySelector(".pick input")?.checked ?? false);
  });
  const cell = lastCell() ?? table.querySelector("td[data-field]");
  if (cell) pointAt(cell);
}

document.addEventListener("keydown", (event) => {
  const cell = cellOf(event.target);
  if (!cell || event.altKey) return;
  const action = actions[actionOf("grid", event)];
  if (action) {
    event.preventDefault();
    action(cell, event.key);
  } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !pageKeys.has(event.key)) {
    event.preventDefault();
    openEditor(cell, { text: event.key });
  }
});

// From anywhere on the page, and from a search, the grid is one key away.
document.addEventListener("keydown", (event) => {
  const isOutside = event.target === document.body || event.target.matches("#search, #main, [data-new]");
  const cell = lastCell() ?? firstCell();
  if (actionOf("outside", event) !== "enter" || !isOutside || !cell || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  focusCell(cell);
});

document.addEventListener("focusin", (event) => {
  const cell = cellOf(event.target);
  if (cell) pointAt(cell);
  if (cell || event.target.closest("#quick-add, .pick")) later();
});

// The cell that a press is meant for, and not something in it.
const pressed = ({ target }) => target.closest("a, button, .editor") ? null : target.closest("td[data-field]");

document.addEventListener("dblclick", (event) => {
  const cell = pressed(event);
  if (cell) openEditor(cell);
});

document.addEventListener("click", (event) => {
  const cell = pressed(event);
  if (!cell || !matchMedia("(pointer: coarse)").matches) return;
  openEditor(cell);
  const controls = cell.querySelectorAll(".controls [name]");
  if (controls.length === 1 && controls[0].tagName === "SELECT") controls[0].showPicker?.();
});

for (const name of ["htmx:after:swap", "tmr:placed"]) {
  document.addEventListener(name, () => {
    const hadFocus = document.activeElement === document.body;
    enhance();
    if (hadFocus) lastCell()?.focus({ preventScroll: true });
  });
}

enhance();
