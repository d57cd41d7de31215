// Rows copied from a spreadsheet and pasted into the grid become records.
document.addEventListener("paste", (event) => {
  const list = document.getElementById("record-list");
  const isInField = event.target.closest?.("input, select, textarea, [contenteditable]");
  if (!list || isInField || document.querySelector("dialog[open]")) return;
  const rows = event.clipboardData?.getData("text/plain") ?? "";
  const isTable = /[\t\n]/.test(rows.trim());
  const target = document.activeElement?.closest?.("td[data-field]:not([data-fixed])");
  if (!isTable && target && rows.trim()) {
    event.preventDefault();
    target.dispatchEvent(new CustomEvent("tmr:edit", { bubbles: true, detail: { text: rows.trim() } }));
  }
  if (!isTable) return;
  event.preventDefault();
  const form = document.getElementById("paste");
  const cell = document.activeElement?.closest?.("td[data-field]");
  form.elements.rows.value = rows;
  form.elements.query.value = list.dataset.query;
  form.elements.from.value = cell?.dataset.field ?? "";
  form.requestSubmit();
});
