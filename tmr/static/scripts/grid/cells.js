// The cells of the grid, after the ARIA grid pattern: one cell at a time is in the tab order.
let place = null; // { row: element id, field: name } of that cell
let reachable = null; // the cell that Tab reaches

// On a narrow screen a row shows few of its cells, and what is not shown, or is empty there, cannot have the focus.
const isShown = (cell) => cell.dataset.field !== undefined && cell.offsetWidth > 0 && cell.offsetHeight > 0;
const sameField = (cells, cell) => cells.find(({ dataset }) => dataset.field === cell.dataset.field);
const within = (index, length) => Math.min(Math.max(index, 0), length - 1);

// The rows of records, without the heads of groups.
export const rows = () => [...document.querySelectorAll("#record-rows > tr[data-id]")];
export const indexOf = (cell) => rows().indexOf(cell.parentElement);
export const cellsOf = (row) => [...row.cells].filter(isShown);
export const cellOf = (target) => (target.matches?.("td[data-field]") ? target : null);
export const cellIn = (row, field) => [...row.cells].find(({ dataset }) => dataset.field === field) ?? null;

// The cell at a place, as it is on the page now.
export function cellAt(named) {
  const row = named && document.getElementById(named.row);
  return row ? cellIn(row, named.field) : null;
}

export const placeOf = (cell) => ({ row: cell.parentElement.id, field: cell.dataset.field });

// The cell that had the focus last.
export const lastCell = () => cellAt(place);

// The columns, each by its field and its words, without the arrow that says how the list is sorted.
export const headings = () =>
  [...document.querySelectorAll("table[data-grid] th[class^=c-]")].map((head) => ({
    field: head.className.slice(2),
    label: head.textContent.replace(/[▲▼]/g, "").trim(),
  }));

export const firstCell = () => document.querySelector("td[data-field]");

// Makes a cell the one that Tab reaches.
export function pointAt(cell) {
  if (reachable && reachable !== cell) reachable.tabIndex = -1;
  cell.tabIndex = 0;
  reachable = cell;
  place = placeOf(cell);
}

// What is loaded when it is needed (later.js); nothing of it without a connection.
export const later = () =>
  import(document.getElementById("record-list").dataset.later).then(({ parts }) => parts, () => ({}));

export function focusCell(cell) {
  pointAt(cell);
  cell.focus();
  showCell(cell);
}

export const showCell = (cell) => cell.scrollIntoView({ block: "nearest", inline: "nearest" });

export function neighbour(cell, down, right) {
  const row = rows()[within(indexOf(cell) + down, rows().length)];
  const cells = cellsOf(row);
  if (!right && sameField(cells, cell)) return sameField(cells, cell);
  return cells[within(cellsOf(cell.parentElement).indexOf(cell) + right, cells.length)];
}

export const firstInRow = (cell) => cellsOf(cell.parentElement)[0];
export const lastInRow = (cell) => cellsOf(cell.parentElement).at(-1);
export const firstInGrid = () => cellsOf(rows()[0])[0];
export const lastInGrid = () => cellsOf(rows().at(-1)).at(-1);

// The next cell to one side, over the end of the row; the cell itself where the grid ends.
function beyond(cell, right) {
  const line = cellsOf(cell.parentElement);
  const column = line.indexOf(cell) + right;
  if (column >= 0 && column < line.length) return line[column];
  const row = rows()[indexOf(cell) + right];
  return row ? cellsOf(row).at(right > 0 ? 0 : -1) : cell;
}

// Where the focus goes after an edit: so many rows down, or cells to the right.
export function leaveCell(cell, { down = 0, right = 0 }) {
  focusCell(right ? beyond(cell, right) : neighbour(cell, down, 0));
}
