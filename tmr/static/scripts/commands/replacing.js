// Find and replace: by its key, and in the selected rows and columns only where there are any.
import { actionOf } from "../keyboard/keymap.js";
import { lastCell } from "../grid/cells.js";
import { hasRange, rangeFrom } from "../ranges/range.js";
import { selectedRows } from "./selection.js";

const linkOf = () => document.querySelector("#record-list [data-replace]");

function open() {
  const address = new URL(linkOf().href);
  const rows = selectedRows();
  if (rows.length) address.searchParams.set("ids", rows.map(({ dataset }) => dataset.id).join(","));
  const cells = hasRange() ? rangeFrom(lastCell())[0] : [];
  for (const { dataset } of cells) address.searchParams.append("fields", dataset.field);
  location.assign(address);
}

document.addEventListener("keydown", (event) => {
  if (actionOf("list", event) !== "replace" || !linkOf() || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  open();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-replace]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  open();
});
