// The page of a record: keys that edit and turn to the next one, and where the focus goes.
import { actionOf } from "../keyboard/keymap.js";

const page = () => document.querySelector("[data-record]");
const FIRST_CONTROL = ":is(input:not([type=hidden]), select, textarea)";
const isTyping = (target) => target.closest?.("input:not([type=checkbox], [type=radio]), select, textarea");

let editedLast = ""; // the property whose form was open: the focus returns to it

const actions = {
  edit: () => {
    const focused = document.activeElement.closest(".prop, .text, .titled")?.querySelector("[hx-get]");
    (focused ?? document.querySelector("#record-title a") ?? document.querySelector("[data-edit]"))?.click();
  },
  next: () => document.querySelector("[data-beside=next]")?.click(),
  previous: () => document.querySelector("[data-beside=previous]")?.click(),
  reschedule: () => open(document.querySelector("#record-next .reschedule")),
  document: () => addTo("documents"),
  write: () => document.getElementById("new-event-text")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (!page() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const action = actions[actionOf("record", event)];
  if (!action) return;
  event.preventDefault();
  action();
});

// Escape leaves the form of a property as it was; Enter saves it, being a form.
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-property-form]");
  if (!form || actionOf("form", event) !== "cancel") return;
  event.preventDefault();
  form.querySelector("[data-cancel-property]").click();
});

document.addEventListener("htmx:before:swap", () => {
  const focused = document.activeElement?.closest?.("[data-property-form]");
  const form = focused ?? document.querySelector("[data-property-form]");
  if (form) editedLast = form.parentElement.closest("[id]").id;
});

// Another change of this record came from this page itself, so the forms that are still open go on from it.
document.addEventListener("htmx:after:swap", () => {
  const version = document.getElementById("record-head")?.dataset.version;
  for (const form of version ? document.querySelectorAll("[data-property-form]") : []) {
    if (!form.querySelector("[role=alert]")) form.elements.version.value = version;
  }
  placeFocus();
});

// A form that waited for the answer of another goes on from it too.
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  const { body, form } = ctx.request;
  const version = document.getElementById("record-head")?.dataset.version;
  if (version && form?.elements.property && body.has("version") && !form.querySelector("[role=alert]")) {
    body.set("version", version);
  }
});

const stageThatIs = () =>
  [...document.querySelectorAll(".steps [aria-current] button")].find((button) => button.checkVisibility());

function placeFocus() {
  const asked = document.querySelector("[data-focus]");
  if (asked) {
    asked.removeAttribute("data-focus");
    const isElsewhere = isTyping(document.activeElement) && !asked.form.contains(document.activeElement);
    if (!isElsewhere) (asked.form.querySelector("[aria-invalid]") ?? asked).focus();
    return;
  }
  if (document.activeElement !== document.body || !page()) return;
  const form = [...document.querySelectorAll("[data-property-form]")].at(-1);
  const control = form?.querySelector("[aria-invalid], input:not([type=hidden]), select, textarea");
  const place = document.getElementById(editedLast);
  if (control) control.focus();
  else if (place?.hidden) document.querySelector("#properties-more > summary")?.focus();
  else (place?.querySelector("a") ?? stageThatIs())?.focus();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
  const adds = event.target.closest("[data-add]");
  if (adds && addTo(adds.dataset.add)) event.preventDefault();
});

// Opens the form of a part; false if the page has no such part.
function addTo(plural) {
  const part = document.querySelector(`#panel-${CSS.escape(plural)} .adding`);
  if (!part) return false;
  showView("details");
  open(part);
  return true;
}

// The focus is there at once: the browser tells of what comes open a moment later, when a key may have come.
function open(part) {
  if (!part) return;
  part.open = true;
  part.querySelector(FIRST_CONTROL).focus();
}

document.addEventListener("click", (event) => {
  const view = event.target.closest("[data-show]")?.dataset.show;
  if (view) showView(view);
});

// On a phone one of three views shows.
function showView(name) {
  const radio = document.querySelector(`.segments [value=${CSS.escape(name)}]`);
  if (radio) radio.checked = true;
}

// After something is opened, the focus is in it, unless the browser is about to put it into a form that came open.
if (page() && document.activeElement === document.body && !document.querySelector("[autofocus]")) {
  document.getElementById("main").focus({ preventScroll: true });
}
