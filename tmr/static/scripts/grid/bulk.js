// Shows the bar for the selected rows, and gives it the control of the field to set.
import { element } from "../elements.js";

function refresh() {
  const bar = document.getElementById("bulk");
  if (!bar) return;
  const boxes = [...document.querySelectorAll(".pick [name=ids]")];
  for (const box of boxes) box.closest("tr")?.setAttribute("aria-selected", String(box.checked));
  const count = boxes.filter((box) => box.checked).length;
  bar.classList.toggle("on", count > 0);
  bar.querySelector("[data-picked]").textContent = `${count} selected:`;
}

function swapControl(select) {
  const place = document.querySelector("[data-bulk-value]");
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
  if (event.key !== "Enter" || !event.target.matches?.("#bulk select[name=value]")) return;
  event.preventDefault();
  event.target.form.requestSubmit(event.target.form.querySelector("[value=set]"));
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-pick-all]")) {
    for (const box of document.querySelectorAll(".pick [name=ids]")) box.checked = event.target.checked;
  }
  if (event.target.closest(".pick")) refresh();
  if (event.target.matches("#bulk select[name=field]")) swapControl(event.target);
});

function start() {
  const field = document.querySelector("#bulk select[name=field]");
  if (field) swapControl(field);
  refresh();
}

document.addEventListener("htmx:after:swap", start);
start();
