// The arrow keys turn the pages of the calendar, and an entry is dragged to another day.
import { actionOf } from "../keyboard/keymap.js";

document.addEventListener("keydown", (event) => {
  if (event.target !== document.body || event.ctrlKey || event.metaKey) return;
  if (actionOf("calendar", event) !== "turn") return;
  document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
});

let dragged = null;

const dayAt = ({ target }) => (dragged ? target.closest?.("#calendar td[data-day]") : null);

function aimAt(day) {
  document.querySelector("#calendar .aim")?.classList.remove("aim");
  day?.classList.add("aim");
}

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("#calendar [data-line]") ?? null;
  if (dragged) event.dataTransfer.effectAllowed = "move";
});

document.addEventListener("dragover", (event) => {
  const day = dayAt(event);
  if (!dragged) return;
  aimAt(day);
  if (day) event.preventDefault();
});

document.addEventListener("drop", (event) => {
  const day = dayAt(event);
  if (!day) return;
  event.preventDefault();
  if (day === dragged.closest("td")) return;
  const form = document.getElementById("reschedule");
  form.elements.line.value = dragged.dataset.line;
  form.elements.day.value = day.dataset.day;
  form.requestSubmit();
});

document.addEventListener("dragend", () => {
  aimAt(null);
  dragged = null;
});
