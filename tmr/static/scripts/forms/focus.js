// Puts the focus where a person goes on: at the first error, or in what was just added.
import { isTyping } from "../keyboard/typing.js";
import { showQuickAdd } from "./quick_add.js";

const FIRST_ERROR = "form:not(.editor) [aria-invalid]";

let shown = document.querySelector(FIRST_ERROR); // the error that had its turn: other answers come while it is there
const isTypingBeside = (form) => isTyping(document.activeElement) && !form.contains(document.activeElement);

document.addEventListener("htmx:after:swap", () => {
  const form = document.getElementById("quick-add");
  const error = document.querySelector(FIRST_ERROR);
  const isNew = error !== shown;
  shown = error;
  if (error) isNew && !isTypingBeside(error.form) && error.focus();
  else if (form && !form.hidden && document.activeElement === document.body) showQuickAdd(form);
});

// After something was added, changed or removed on an application's page, the keyboard goes on from there.
document.addEventListener("htmx:after:swap", (event) => {
  const id = event.detail.ctx?.target?.id ?? "";
  if (document.activeElement !== document.body || !/^(panel|part|at|new)-/.test(id)) return;
  const wanted = id.startsWith("panel-") ? "summary" : "input:not([type=hidden]), select, textarea";
  document.getElementById(id)?.querySelector(wanted)?.focus({ preventScroll: true });
});

const first = document.querySelector(`${FIRST_ERROR}, #quick-add:not([hidden]) input:not([type=hidden])`);
if (!first?.autofocus) first?.focus(); // the browser would say that it came too late

// What only scripts show was still hidden when the browser looked where the focus goes.
document.querySelector(".scripted [autofocus], .scripted[autofocus]")?.focus();
