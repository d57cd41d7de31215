// What can be done with the selected rows: those whose boxes are checked, else those of a range.
import { setForAll } from "../grid/bulk.js";
import { cellAt, placeOf } from "../grid/cells.js";
import { clearRange, fillDown, fillRight } from "../ranges/changes.js";
import { hasRange, rangeFrom, rowsOfRange } from "../ranges/range.js";
import { offer } from "../keyboard/commands.js";
import { setRows } from "../ranges/setting.js";

const boxOf = (row) => row.querySelector(".pick input");

export const pickedRows = () =>
  [...document.querySelectorAll(".pick :checked[name=ids]")].map((box) => box.closest("tr"));

export function selectedRows() {
  const picked = pickedRows();
  if (picked.length) return picked;
  const rows = rowsOfRange();
  return rows.length > 1 ? rows : [];
}

function setPick(row, isPicked) {
  const box = boxOf(row);
  if (box.checked === isPicked) return;
  box.checked = isPicked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

export const togglePick = (row) => setPick(row, !boxOf(row).checked);

// The key that selects a row selects all rows of a range.
export function pick(cell) {
  const rows = hasRange() ? rowsOfRange() : [cell.parentElement];
  const isPicked = !rows.every((row) => boxOf(row).checked);
  for (const row of rows) setPick(row, isPicked);
}

// The stages, to move these rows to; null for a kind without them.
export function stagesLevel(rows) {
  const select = document.querySelector("template[data-editor=status]")?.content.querySelector("select");
  if (!select) return null;
  const lead = rows[0].querySelector("td[data-lead]").textContent.trim();
  const ids = rows.map(({ id }) => id);
  const options = [...select.options].filter(({ value }) => value);
  return {
    label: `Move ${rows.length === 1 ? lead : rows.length + " rows"} to`,
    kind: "stage",
    options: options.map(({ text }) => ({ label: text, run: () => move(ids, text) })),
  };
}

function move(ids, stage) {
  setRows(new Map(ids.map((id) => [id, { status: stage }])));
  for (const row of pickedRows()) setPick(row, false);
}

offer(() => {
  const rows = selectedRows();
  const level = rows.length && stagesLevel(rows);
  return level
    ? level.options.map(({ label, run }) => ({ name: `Move ${rows.length} selected to ${label}`, run }))
    : [];
});

function submitBulk(action) {
  const form = document.getElementById("bulk");
  form.requestSubmit(form.querySelector(`[value=${action}]`));
}

export function selectionLevel(cell) {
  const rows = selectedRows();
  const place = placeOf(cell);
  const many = rows.length === 1 ? "1 row" : `${rows.length} rows`;
  const withPicked = (act) => () => {
    for (const row of rows) setPick(row, true);
    act();
  };
  const withRange = (label, act) => ({ label, run: () => act(cellAt(place)) });
  const ofRange = hasRange() && rangeFrom(cell).length > 1
    ? [
      withRange("Clear the cells", clearRange),
      withRange("Fill down", fillDown),
      withRange("Fill to the right", fillRight),
    ]
    : [];
  const stages = stagesLevel(rows);
  return {
    label: many,
    kind: "command",
    options: [
      ...(stages ? [{ label: `Move ${many} to…`, words: "status", next: () => stages }] : []),
      { label: "Edit a field of them all…", words: "set", run: withPicked(() => setForAll()) },
      ...ofRange,
      { label: `Delete ${many}`, run: withPicked(() => submitBulk("delete")) },
      { label: "Unselect", words: "none", run: () => pickedRows().forEach((row) => setPick(row, false)) },
    ],
  };
}
