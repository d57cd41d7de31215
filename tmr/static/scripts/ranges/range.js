// The range of the grid: from one cell, which keeps the focus, to another. Esc, or moving on, gives it up.
import { element } from "../elements.js";
import { cellAt, cellsOf, focusCell, indexOf, later, placeOf, rows, showCell } from "../grid/cells.js";

let from = null; // places: what they name is on the page again after a list was drawn again
let to = null;
let painted = new Map(); // cells of the range, each with the edges that it is at
const said = element("div", [], { className: "sr", role: "status" });
document.body.append(said);
const figures = element("span", [], { className: "range-figures", ariaHidden: "true" }); // they are said with the range

export const hasRange = () => from !== null;
const isCorner = (cell) => from.row === cell.parentElement.id && from.field === cell.dataset.field;

// Where the range ends, and the focus stays: moving with Shift goes on from the one, with the other held.
export const endOfRange = (cell) => cellAt(to) ?? cell;

export function collapse() {
  if (!from) return;
  from = to = null;
  paint();
}

export function selectRange(first, last) {
  if (first === last) return collapse();
  [from, to] = [placeOf(first), placeOf(last)];
  paint().then((isLatest) => isLatest && announce());
}

// Holds the cell that has the focus, and makes `end` the other corner.
export function extendTo(cell, end) {
  const anchor = cellAt(from) ?? cell;
  selectRange(anchor, end);
  showCell(end);
}

export function selectAll() {
  const first = cellsOf(rows()[0])[0];
  const last = cellsOf(rows().at(-1)).at(-1);
  focusCell(first);
  selectRange(first, last);
}

// The cells of the range, a list for each row; without a range, the one cell. Rows have the same cells in one order.
export function rangeFrom(cell) {
  const [first, last] = [cellAt(from) ?? cell, cellAt(to) ?? cell];
  const across = [first.cellIndex, last.cellIndex].sort((a, b) => a - b);
  const down = [first, last].map(indexOf).sort((a, b) => a - b);
  const columns = cellsOf(first.parentElement).map(({ cellIndex }) => cellIndex);
  const between = columns.filter((index) => index >= across[0] && index <= across[1]);
  return rows().slice(down[0], down[1] + 1).map(({ cells }) => between.map((index) => cells[index]));
}

export const rowsOfRange = () => (from ? rangeFrom(cellAt(from)).map(([cell]) => cell.parentElement) : []);

// Only what has changed is written: a range can grow by a row with each key, to the whole page.
function paint() {
  if (from && !(cellAt(from) && cellAt(to))) from = to = null; // one of its rows is gone
  const wanted = new Map();
  const lines = from ? rangeFrom(cellAt(from)) : [];
  lines.forEach((line, row) => {
    const ends = `${row ? "" : "top "}${row === lines.length - 1 ? "bottom " : ""}`;
    line.forEach((cell, column) => {
      wanted.set(cell, `${ends}${column ? "" : "start "}${column === line.length - 1 ? "end" : ""}`.trim());
    });
  });
  for (const cell of painted.keys()) if (!wanted.has(cell)) unpaint(cell);
  for (const [cell, edge] of wanted) {
    if (!painted.has(cell)) cell.setAttribute("aria-selected", "true");
    if (edge) cell.dataset.edge = edge;
    else if (painted.get(cell)) delete cell.dataset.edge;
  }
  painted = wanted;
  return showFigures(lines.flat());
}

function unpaint(cell) {
  cell.removeAttribute("aria-selected");
  delete cell.dataset.edge;
}

function announce() {
  if (!from) return;
  const lines = rangeFrom(cellAt(from));
  const labels = [lines[0][0], lines[0].at(-1)].map(({ dataset }) => dataset.label);
  const columns = labels[0] === labels[1] ? labels[0] : labels.join(" to ");
  const summed = [...figures.children].map(({ textContent }) => textContent);
  said.textContent = [`${lines.length} by ${lines[0].length} cells, ${columns}`, ...summed].join(". ");
}

// Whether it is still the range to be announced once its figures are there.
async function showFigures(cells) {
  const inWords = painted;
  const { figuresOf } = cells.length ? await later() : {};
  if (painted !== inWords) return false; // there is another range by now
  const lines = figuresOf?.(cells) ?? [];
  figures.replaceChildren(...lines.map((line) => element("span", line)));
  if (!lines.length) figures.remove();
  else if (!figures.isConnected) document.querySelector("#record-list > .foot .grow").before(figures);
  return true;
}

document.addEventListener("focusin", ({ target }) => {
  if (from && target.matches("td[data-field]") && !isCorner(target)) collapse();
});

for (const name of ["htmx:after:swap", "tmr:placed"]) document.addEventListener(name, paint);
