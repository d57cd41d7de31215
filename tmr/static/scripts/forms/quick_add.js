// The form above the grid that adds a record: shown when asked for, and ready again for the next one.
import { actionOf } from "../keyboard/keymap.js";

let isAdding = false;

const quickAdd = () => document.getElementById("quick-add");

export function showQuickAdd(form) {
  const query = document.getElementById("record-list")?.dataset.query ?? "";
  if (form.elements.query) form.elements.query.value = query;
  form.hidden = false;
  form.querySelector("[aria-invalid], input:not([type=hidden])")?.focus();
}

function hide(form) {
  isAdding = false;
  form.hidden = true;
  document.querySelector("[data-new]")?.focus();
}

document.addEventListener("click", (event) => {
  const form = quickAdd();
  const button = form && event.target.closest("[data-new], [data-cancel]");
  if (!button) return;
  event.preventDefault();
  if (button.matches("[data-new]")) showQuickAdd(form);
  else hide(form);
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("#quick-add");
  const action = form && actionOf("form", event);
  if (action === "cancel") document.querySelector("[data-cancel]").click();
  // In the text of a posting, Enter begins a new line.
  if (action === "save") form.requestSubmit();
});

document.addEventListener("submit", (event) => {
  isAdding = event.target.id === "quick-add";
}, true);

document.addEventListener("htmx:finally:request", () => {
  const form = quickAdd();
  if (isAdding && form && !form.querySelector("[aria-invalid]")) showQuickAdd(form);
  isAdding = false;
});
