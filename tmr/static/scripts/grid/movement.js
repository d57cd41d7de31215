// Moves about the grid by keyboard, mouse and touch, and starts what a key does to a cell.
import { actionOf, keysOf } from "../keyboard/keymap.js";
import {
  cellOf,
  firstCell,
  firstInGrid,
  firstInRow,
  focusCell,
  goOnBelow,
  lastCell,
  lastInGrid,
  lastInRow,
  neighbour,
  pointAt,
} from "./cells.js";
import { openEditor } from "./editor.js";
import { setForAll } from "./bulk.js";

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
const pageKeys = new Set(keysOf("page"));

const actions = {
  move: (cell, key) => focusCell(PLACES[key](cell)),
  moveToEdge: (_cell, key) => focusCell(key === "Home" ? firstInGrid() : lastInGrid()),
  edit: (cell, key) => openEditor(cell, key.length === 1 ? { letter: key } : {}),
  open: (cell) => cell.parentElement.querySelector("td[data-field] a").click(),
  select: (cell) => {
    const box = cell.parentElement.querySelector(".pick input");
    box.checked = !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  },
  setStatus: (cell, key) => {
    if (document.querySelector(".pick :checked[name=ids]")) return setForAll("status");
    const status = cell.parentElement.querySelector("td[data-field=status]");
    if (!status) return;
    focusCell(status);
    openEditor(status, status === cell ? {} : { letter: key, wordCell: cell });
  },
  delete: (cell) => {
    if (!document.querySelector(".pick :checked[name=ids]")) return openEditor(cell, { isCleared: true });
    const form = document.getElementById("bulk");
    goOnBelow(cell);
    form.requestSubmit(form.querySelector("[value=delete]"));
  },
};

function enhance() {
  const table = document.querySelector("table[data-grid]");
  if (!table) return;
  table.setAttribute("role", "grid");
  const headings = [...table.querySelectorAll("th[class^=c-]")];
  const labels = Object.fromEntries(headings.map((th) => [th.className.slice(2), th.textContent.trim()]));
  for (const cell of table.querySelectorAll("td[data-field]")) {
    if (!cell.hasAttribute("tabindex")) cell.tabIndex = -1;
    cell.dataset.label = labels[cell.dataset.field];
  }
  for (const inner of table.querySelectorAll("tbody :is(a, .pick input):not([tabindex])")) inner.tabIndex = -1;
  [...table.querySelectorAll("tbody > tr")].forEach((row, position) => {
    row.setAttribute("aria-rowindex", Number(table.dataset.first) + position + 1); // the head is row 1
    row.setAttribute("aria-selected", String(row.querySelector(".pick input")?.checked ?? false));
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
});

document.addEventListener("dblclick", (event) => {
  const cell = event.target.closest?.("td[data-field]");
  if (cell && !event.target.closest("a, .editor")) openEditor(cell);
});

document.addEventListener("click", (event) => {
  const cell = event.target.closest?.("td[data-field]");
  if (!cell || !matchMedia("(pointer: coarse)").matches || event.target.closest("a, .editor")) return;
  openEditor(cell);
  const controls = cell.querySelectorAll(".controls [name]");
  if (controls.length === 1 && controls[0].tagName === "SELECT") controls[0].showPicker?.();
});

document.addEventListener("htmx:after:swap", () => {
  const hadFocus = document.activeElement === document.body;
  enhance();
  if (hadFocus) lastCell()?.focus({ preventScroll: true });
});

enhance();
