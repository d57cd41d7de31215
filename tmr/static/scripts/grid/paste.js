// Rows copied from a spreadsheet and pasted into the grid become records.
import { openEditor } from "./editor.js";

document.addEventListener("paste", (event) => {
  const list = document.getElementById("record-list");
  const isInField = event.target.closest?.("input, select, textarea, [contenteditable]");
  if (!list || isInField || document.querySelector("dialog[open]")) return;
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const cell = document.activeElement?.closest?.("td[data-field]");
  if (/[\t\n]/.test(text.trim())) {
    event.preventDefault();
    addRows(text, list, cell);
  } else if (text.trim() && cell && cell.dataset.fixed === undefined) {
    event.preventDefault();
    openEditor(cell, { text: text.trim() });
  }
});

function addRows(text, list, cell) {
  const form = document.getElementById("paste");
  form.elements.rows.value = text;
  form.elements.query.value = list.dataset.query;
  form.elements.from.value = cell?.dataset.field ?? "";
  form.requestSubmit();
}
