// The cells of the grid, after the ARIA grid pattern: one cell at a time is in the tab order.
let place = null; // { row: element id, field: name } of that cell

// On a narrow screen a row shows few of its cells, and what is not shown, or is empty there, cannot have the focus.
const isShown = (cell) => cell.offsetWidth > 0 && cell.offsetHeight > 0;
const cellsOf = (row) => [...row.querySelectorAll("td[data-field]")].filter(isShown);
const sameField = (cells, cell) => cells.find(({ dataset }) => dataset.field === cell.dataset.field);
const allRows = () => [...document.querySelectorAll("#record-rows > tr")];
const within = (index, list) => Math.min(Math.max(index, 0), list.length - 1);

export const cellOf = (target) => (target.matches?.("td[data-field]") ? target : null);

// The cell that had the focus last, as it is on the page now.
export function lastCell() {
  const row = place && document.getElementById(place.row);
  return row?.querySelector(`td[data-field="${CSS.escape(place.field)}"]`) ?? null;
}

export const firstCell = () => document.querySelector("td[data-field]");

// Makes a cell the one that Tab reaches.
export function pointAt(cell) {
  for (const other of document.querySelectorAll("td[data-field][tabindex='0']")) other.tabIndex = -1;
  cell.tabIndex = 0;
  place = { row: cell.parentElement.id, field: cell.dataset.field };
}

export function focusCell(cell) {
  pointAt(cell);
  cell.focus();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// The rows that are selected go: the row below is where the person goes on.
export function goOnBelow(cell) {
  place = { ...place, row: neighbour(cell, 1, 0).parentElement.id };
}

export function neighbour(cell, down, right) {
  const rows = allRows();
  const line = cellsOf(cell.parentElement);
  const row = rows[within(rows.indexOf(cell.parentElement) + down, rows)];
  const cells = cellsOf(row);
  if (!right && sameField(cells, cell)) return sameField(cells, cell);
  return cells[within(line.indexOf(cell) + right, cells)];
}

export const firstInRow = (cell) => cellsOf(cell.parentElement)[0];
export const lastInRow = (cell) => cellsOf(cell.parentElement).at(-1);
export const firstInGrid = () => cellsOf(allRows()[0])[0];
export const lastInGrid = () => cellsOf(allRows().at(-1)).at(-1);

// The next cell to one side, over the end of the row; the cell itself where the grid ends.
function beyond(cell, right) {
  const rows = allRows();
  const line = cellsOf(cell.parentElement);
  const column = line.indexOf(cell) + right;
  if (column >= 0 && column < line.length) return line[column];
  const row = rows[rows.indexOf(cell.parentElement) + right];
  return row ? cellsOf(row).at(right > 0 ? 0 : -1) : cell;
}

// Where the focus goes after an edit: so many rows down, or cells to the right.
export function leaveCell(cell, { down = 0, right = 0 }) {
  focusCell(right ? beyond(cell, right) : neighbour(cell, down, 0));
}
