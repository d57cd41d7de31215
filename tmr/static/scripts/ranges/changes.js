// Changes to all cells of a range: cleared, filled, pasted over.
import { cellAt, cellIn, cellsOf, indexOf, placeOf, rows } from "../grid/cells.js";
import { rangeFrom } from "./range.js";
import { beginChange, giveUp, setCells } from "./setting.js";
import { cellText } from "./values.js";

const isFixed = (cell) => cell.dataset.fixed !== undefined;

// The cells that can be changed, and a sentence about the columns that cannot.
function changeable(texts) {
  const fixed = new Set(texts.map(([cell]) => cell).filter(isFixed).map(({ dataset }) => dataset.label));
  const notes = fixed.size ? [`${[...fixed].join(", ")} can’t be changed here.`] : [];
  return [texts.filter(([cell]) => !isFixed(cell)), notes];
}

const send = (texts, notes = [], change = undefined) => {
  const [possible, fixed] = changeable(texts);
  setCells(possible, [...fixed, ...notes], change);
};

export function clearRange(cell) {
  send(rangeFrom(cell).flat().map((inner) => [inner, ""]));
}

// The first row of the range goes into the others; a cell alone takes what is above it.
export function fillDown(cell) {
  const lines = rangeFrom(cell);
  const above = rows()[indexOf(cell) - 1];
  if (lines.length === 1 && !above) return;
  const source = lines.length > 1 ? lines[0] : lines[0].map(({ dataset }) => cellIn(above, dataset.field));
  const filled = lines.length > 1 ? lines.slice(1) : lines;
  const texts = source.map(cellText);
  send(filled.flatMap((line) => line.map((inner, column) => [inner, texts[column]])));
}

export function fillRight(cell) {
  const lines = rangeFrom(cell);
  const isAlone = lines[0].length === 1;
  const texts = lines.flatMap((line) => {
    const whole = cellsOf(line[0].parentElement);
    const before = whole[whole.indexOf(line[0]) - 1];
    const source = isAlone ? before : line[0];
    return source ? line.slice(isAlone ? 0 : 1).map((inner) => [inner, cellText(source)]) : [];
  });
  if (texts.length) send(texts);
}

// Where a table is put that is still being read: the range as it is now. What is typed below its first row from now on
// is saved after the table.
export function beginPaste(cell) {
  const target = rangeFrom(cell);
  const [first] = target[0];
  const change = beginChange(rows().slice(indexOf(first)).map(({ id }) => id));
  return { change, place: placeOf(first), high: target.length, wide: target[0].length };
}

export const giveUpPaste = ({ change }) => giveUp(change);

// Puts a table over the cells from the first corner of a range; returns the first and the last of them, or null where
// that row is gone. `offer` makes the sentence about rows that go beyond the last one.
export function pasteOver(target, table, offer) {
  const first = cellAt(target.place);
  if (!first) return giveUpPaste(target);
  const columns = cellsOf(first.parentElement).map(({ dataset }) => dataset.field);
  const across = columns.slice(columns.indexOf(first.dataset.field));
  const down = rows().slice(indexOf(first));
  const [high, wide] = [table.length, Math.max(...table.map((row) => row.length))];
  // A range that holds the table several times over is filled with it.
  const isFilled = target.high % high === 0 && target.wide % wide === 0;
  const height = Math.min(isFilled ? target.high : high, down.length);
  const width = Math.min(isFilled ? target.wide : wide, across.length);
  const texts = down.slice(0, height).flatMap((row, line) =>
    across.slice(0, width).map((field, column) => [cellIn(row, field), table[line % high][column % wide] ?? ""])
  );
  const beyond = isFilled ? [] : table.slice(down.length);
  const notes = isFilled ? [] : leftOut(wide - across.length);
  send(texts, beyond.length ? [...notes, offer(beyond, first.dataset.field)] : notes, target.change);
  return { first, last: cellIn(down[height - 1], across[width - 1]) };
}

function leftOut(count) {
  if (count < 1) return [];
  return [
    count === 1 ? "1 column beyond the last one was left out." : `${count} columns beyond the last were left out.`,
  ];
}
