// Copy, cut and paste in the grid, as tables that spreadsheets take and give.
import { element } from "../elements.js";
import { cellOf, focusCell, headings } from "../grid/cells.js";
import { addRows } from "../grid/paste.js";
import { showNotice } from "../messages/notice.js";
import { clearRange, pasteOver } from "./changes.js";
import { hasRange, rangeFrom, selectRange } from "./range.js";
import { toHtml, toTsv } from "./tables.js";
import { cellText } from "./values.js";

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

// What reads the tables of other programs is loaded once a cell has the focus.
const reading = () => import(document.getElementById("record-list").dataset.tables).catch(() => null);

document.addEventListener("focusin", ({ target }) => {
  if (cellOf(target)) reading();
});

document.addEventListener("paste", async (event) => {
  const list = document.getElementById("record-list");
  const isInField = event.target.closest?.("input, select, textarea, [contenteditable]");
  if (!list || isInField || document.querySelector("dialog[open]")) return;
  const [text, html] = ["text/plain", "text/html"].map((type) => event.clipboardData?.getData(type) ?? "");
  const cell = gridCell();
  if (!text && !html) return;
  event.preventDefault();
  const { fromHtml, fromTsv } = await reading() ?? {};
  if (!fromTsv) return showNotice("You’re offline. Nothing was pasted: try again.", { isError: true });
  const table = fromHtml(html) ?? fromTsv(text);
  if (!table.length) return;
  if (cell && !(table.length > 1 && isHeader(table[0]))) pasteInto(cell, table);
  else if (/[\t\n]/.test(text.trim()) || table.flat().length > 1) addRows(text.trim() ? text : toTsv(table), "");
});

function pasteInto(cell, table) {
  const { first, last } = pasteOver(cell, table, (beyond) => offerRows(beyond, cell));
  focusCell(first);
  selectRange(first, last);
}

function offerRows(beyond, cell) {
  const isOne = beyond.length === 1;
  const words = `${isOne ? "1 row goes" : `${beyond.length} rows go`} beyond the last row of this page. `;
  const button = element("button", isOne ? "Add it as a record" : "Add them as records", {
    type: "button",
    className: "btn small",
  });
  button.addEventListener("click", () => addRows(toTsv(beyond), rangeFrom(cell)[0][0].dataset.field));
  return [words, button];
}
