// The range of the grid: from one cell, which keeps the focus, to another. Esc, or moving on, gives it up.
import { element } from "../elements.js";
import { cellAt, cellsOf, focusCell, placeOf, rows, showCell } from "../grid/cells.js";

let from = null; // places: what they name is on the page again after a list was drawn again
let to = null;
let painted = [];
const said = element("div", [], { className: "sr", role: "status" });
document.body.append(said);

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
  paint();
  announce();
}

// Holds the cell that has the focus, and makes `end` the other corner.
export function extendTo(cell, end) {
  const anchor = cellAt(from) ?? cell;
  selectRange(anchor, end);
  showCell(end);
}

export function selectAll() {
  const first = cellsOf(rows()[0])[0];
  const last = cellsOf(rows()[rows().length - 1]).at(-1);
  focusCell(first);
  selectRange(first, last);
}

// The cells of the range, a list for each row; without a range, the one cell.
export function rangeFrom(cell) {
  const [first, last] = [cellAt(from) ?? cell, cellAt(to) ?? cell];
  const columns = cellsOf(first.parentElement).map(({ dataset }) => dataset.field);
  const across = [columns.indexOf(first.dataset.field), columns.indexOf(last.dataset.field)].sort((a, b) => a - b);
  const down = [first, last].map(({ parentElement }) => parentElement.sectionRowIndex).sort((a, b) => a - b);
  const fields = columns.slice(across[0], across[1] + 1);
  return [...rows()].slice(down[0], down[1] + 1).map((row) => {
    const cells = new Map([...row.cells].map((inner) => [inner.dataset.field, inner]));
    return fields.map((field) => cells.get(field));
  });
}

export const rowsOfRange = () => (from ? rangeFrom(cellAt(from)).map(([cell]) => cell.parentElement) : []);

function paint() {
  if (from && !(cellAt(from) && cellAt(to))) from = to = null; // one of its rows is gone
  for (const cell of painted) {
    cell.removeAttribute("aria-selected");
    delete cell.dataset.edge;
  }
  const lines = from ? rangeFrom(cellAt(from)) : [];
  painted = lines.flat();
  lines.forEach((line, row) => {
    line.forEach((cell, column) => {
      cell.setAttribute("aria-selected", "true");
      const edges = [!row && "top", row === lines.length - 1 && "bottom", !column && "start"];
      cell.dataset.edge = [...edges, column === line.length - 1 && "end"].filter(Boolean).join(" ");
    });
  });
  document.documentElement.classList.toggle("has-range", painted.length > 0);
  document.dispatchEvent(new CustomEvent("tmr:range", { detail: { cells: painted.length } }));
}

function announce() {
  const lines = rangeFrom(cellAt(from));
  const labels = [lines[0][0], lines[0].at(-1)].map(({ dataset }) => dataset.label);
  const columns = labels[0] === labels[1] ? labels[0] : labels.join(" to ");
  said.textContent = `${lines.length} by ${lines[0].length} cells, ${columns}`;
}

document.addEventListener("focusin", ({ target }) => {
  if (from && target.matches("td[data-field]") && !isCorner(target)) collapse();
});

document.addEventListener("htmx:after:swap", paint);
