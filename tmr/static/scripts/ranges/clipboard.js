// Copy, cut and paste in the grid, as tables that spreadsheets take and give.
import { cellAt, cellOf, focusCell, headings, later, placeOf } from "../grid/cells.js";
import { showNotice } from "../messages/notice.js";
import { beginPaste, clearRange, giveUpPaste, pasteOver } from "./changes.js";
import { hasRange, rangeFrom, selectRange } from "./range.js";
import { toHtml, toTsv } from "./tables.js";
import { cellText } from "./values.js";

const OFFLINE = "You’re offline. Nothing was pasted: try again.";

const gridCell = () => cellOf(document.activeElement ?? document.body);

// Words that someone has marked with the mouse, in a single cell, are copied as such.
const hasMarked = () => !hasRange() && !document.getSelection().isCollapsed;

function copy(event) {
  const cell = gridCell();
  if (!cell || hasMarked()) return null;
  const table = rangeFrom(cell).map((line) => line.map(cellText));
  event.preventDefault();
  event.clipboardData.setData("text/plain", toTsv(table));
  event.clipboardData.setData("text/html", toHtml(table));
  return cell;
}

document.addEventListener("copy", copy);

document.addEventListener("cut", (event) => {
  const cell = copy(event);
  if (cell) clearRange(cell);
});

// Rows that bring the headings of their columns are new ones, also where a cell has the focus.
function isHeader(row) {
  const known = new Set(headings().map(({ label }) => label.toLowerCase()));
  return row.length > 1 && row.filter((text) => known.has(text.trim().toLowerCase())).length * 2 >= row.length;
}

document.addEventListener("paste", (event) => {
  const list = document.getElementById("record-list");
  const isInField = event.target.closest?.("input, select, textarea, [contenteditable]");
  if (!list || isInField || document.querySelector("dialog[open]")) return;
  const [text, html] = ["text/plain", "text/html"].map((type) => event.clipboardData?.getData(type) ?? "");
  if (!text && !html) return;
  event.preventDefault();
  take(gridCell(), text, html);
});

// Pastes where there is no key for it.
export async function pasteInto(cell) {
  const place = placeOf(cell);
  const { readClipboard } = await later();
  if (!readClipboard) return showNotice(OFFLINE, { isError: true });
  const text = await readClipboard();
  if (text) take(cellAt(place), text, "");
}

async function take(cell, text, html) {
  const place = cell && placeOf(cell);
  const target = cell && beginPaste(cell);
  const { addRows, fromHtml, fromTsv, offerRows } = await later();
  const table = fromTsv ? fromHtml(html) ?? fromTsv(text) : [];
  if (target && table.length && !(table.length > 1 && isHeader(table[0]))) {
    return putOver(target, table, place, offerRows);
  }
  if (target) giveUpPaste(target);
  if (!fromTsv) showNotice(OFFLINE, { isError: true });
  else if (table.flat().length > 1 || (table.length && /[\t\n]/.test(text.trim()))) {
    addRows(text.trim() ? text : toTsv(table), "");
  }
}

function putOver(target, table, place, offerRows) {
  const pasted = pasteOver(target, table, (beyond, field) => offerRows(beyond.length, toTsv(beyond), field));
  if (!pasted) return showNotice("Nothing was pasted: the row is not in this list any more.", { isError: true });
  if (gridCell() !== cellAt(place)) return; // someone went on
  focusCell(pasted.first);
  selectRange(pasted.first, pasted.last);
}
