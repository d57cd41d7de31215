// Shows the bar for the selected rows, and gives it the control of the field to set.
import { element } from "../elements.js";
import { lastCell } from "./cells.js";

function refresh() {
  const bar = document.getElementById("bulk");
  if (!bar) return;
  const boxes = [...document.querySelectorAll(".pick [name=ids]")];
  for (const box of boxes) box.closest("tr")?.setAttribute("aria-selected", box.checked);
  const count = boxes.filter((box) => box.checked).length;
  bar.classList.toggle("on", count > 0);
  bar.querySelector("[role]").textContent = `${count} selected:`;
}

function swapControl(select) {
  const place = document.querySelector("[data-bulk-value]");
  place.dataset.bulkValue = select.value;
  const template = document.querySelector(`template[data-editor="${CSS.escape(select.value)}"]`);
  const control = template?.content.firstElementChild?.cloneNode(true) ?? document.createElement("input");
  // No value is chosen by itself: one that nobody meant would be set on all rows.
  if (control.tagName === "SELECT") control.prepend(element("option", "Choose…", { value: "choose…", selected: true }));
  control.name = "value";
  control.setAttribute("aria-label", "New value");
  place.replaceChildren(control);
}

// Goes on in the bar, where a field and its value are chosen for all selected rows.
export const setForAll = () => document.getElementById("bulk")?.elements.field.focus();

// Enter sets the value, in a list of choices too.
document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (key !== "Enter" || !target.matches?.("#bulk select[name=value]")) return;
  event.preventDefault();
  target.form.requestSubmit(target.form.querySelector("[value=set]"));
});

document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-pick-all]")) {
    for (const box of document.querySelectorAll(".pick [name=ids]")) box.checked = target.checked;
  }
  if (target.closest(".pick")) refresh();
  if (target.matches("#bulk select[name=field]")) swapControl(target);
});

// Other answers come while a value is typed: its control stays.
function start() {
  const field = document.querySelector("#bulk select[name=field]");
  if (field && field.value !== document.querySelector("[data-bulk-value]").dataset.bulkValue) swapControl(field);
  refresh();
}

// What was set is set: the rows stay where they are, and are not selected any more. Those that were selected since are.
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const bar = document.getElementById("bulk");
  if (!bar || ctx.sourceElement !== bar || ctx.response?.status !== 200) return;
  const sent = ctx.request.body.getAll("ids");
  for (const box of document.querySelectorAll(".pick :checked[name=ids]")) box.checked = !sent.includes(box.value);
  refresh();
  if (bar.matches(".on")) return;
  swapControl(bar.elements.field);
  if (bar.contains(document.activeElement)) lastCell()?.focus(); // the bar goes, and would take the focus with it
});

document.addEventListener("htmx:after:swap", start);
start();
