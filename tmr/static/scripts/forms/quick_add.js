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
  const added = document.querySelector("tr[data-added] td[tabindex='0']");
  (added ?? document.querySelector("[data-new]"))?.focus();
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
  isAdding ||= event.target.id === "quick-add";
}, true);

// What was typed since the form was sent stays in its field. What went on in the field that Enter was pressed in begins
// the next record.
let typed = [];

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const form = ctx.sourceElement;
  typed = [];
  if (form?.id !== "quick-add") return;
  const isAdded = ctx.response.status === 200;
  for (const control of form.querySelectorAll("[name]:not([type=hidden], [type=file])")) {
    const { id, value } = control;
    const sent = ctx.request.body.get(control.name) ?? "";
    const goesOn = isAdded && sent && control === document.activeElement && value.includes(sent);
    if (value !== sent) typed.push(goesOn ? ["", value.replace(sent, "")] : [id, value]);
  }
});

document.addEventListener("htmx:after:swap", () => {
  for (const [id, value] of typed) {
    const control = id ? document.getElementById(id) : quickAdd().querySelector("input:not([type=hidden])");
    control.value = value;
  }
  typed = [];
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.request.form?.id !== "quick-add") return;
  const form = quickAdd();
  const waits = document.querySelector("[data-unlock]"); // what was typed is sent once the records are open
  const isHere = document.activeElement === document.body || form?.contains(document.activeElement);
  if (isAdding && isHere && !waits && !form.querySelector("[aria-invalid]")) showQuickAdd(form);
  isAdding = false;
});
