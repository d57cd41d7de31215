// Saves cells one after another, and keeps what was typed when a save fails.
import { element } from "../elements.js";
import { closeEditor, controlsOf, rowOf, typedValues } from "./editor_form.js";

const waiting = new Map(); // row id → forms and changes in turn: each save needs the version of the one before
let held = null; // forms whose turn it is, while nothing is saved
let holds = 0;

const SIGNED_OUT =
  "You’re signed out. Not saved yet: sign in again in another tab, then retry. Your text is still here.";
const REASONS = {
  0: "You’re offline. Not saved yet: your text is still here.",
  401: SIGNED_OUT,
  403: SIGNED_OUT,
  423: "Your records are locked. Not saved yet: once you unlock them, this is. Your text is still here.",
  404: "Not saved: this record was deleted elsewhere. Your text stays here until you leave the page.",
};
const SERVER_PROBLEM = "Something went wrong on our side. Not saved yet: your text is still here.";

const shownText = (control) => control.selectedOptions?.[0]?.textContent ?? control.value;

// A change to many cells takes its turn in the line of each of its rows: what is typed into one later is saved later.
export const takeTurn = (id, change) => waiting.set(id, [...(waiting.get(id) ?? []), change]);

export const isTurnOf = (change, ids) => !held && [...ids].every((id) => waiting.get(id)[0] === change);

export function leaveTurn(id, change) {
  const line = waiting.get(id);
  if (line[0] === change) goOn(id);
  else waiting.set(id, line.filter((other) => other !== change));
}

// Saves nothing until `done`, a promise that never fails: after a newer change nothing can be done again, and a change
// of rows that is under way makes new versions of them.
export async function holdSaves(done) {
  held ??= new Set();
  holds++;
  await done;
  if (--holds) return;
  const forms = held;
  held = null;
  for (const form of forms) submit(form);
  document.dispatchEvent(new CustomEvent("tmr:released"));
}

export function saveEditor(form) {
  if (form.isSaving) return;
  if (typedValues(form) === form.startedAs && !form.isForced) return closeEditor(form);
  const cell = form.parentElement;
  const row = rowOf(cell);
  form.isSaving = true;
  form.hasNewToken = false;
  form.hidden = true;
  cell.classList.remove("editing", "unsaved");
  cell.classList.add("saving");
  const pending = controlsOf(form).map(shownText).filter((text) => text !== "–").join(" ");
  cell.replaceChildren(element("span", pending), form);
  const line = waiting.get(row.id) ?? [];
  waiting.set(row.id, [...line, form]);
  if (!line.length) submit(form);
}

function submit(form) {
  if (held) return held.add(form);
  form.elements.version.value = rowOf(form).dataset.version;
  form.querySelector(".problem").replaceChildren();
  form.requestSubmit();
}

export function listenTo(form) {
  form.addEventListener("submit", (event) => {
    if (form.isSaving) return;
    event.preventDefault(); // Enter in a field, or a button of the problem: our own queue goes first
    event.stopImmediatePropagation();
    if (event.submitter?.dataset.version) rowOf(form).dataset.version = event.submitter.dataset.version;
    form.isForced = true;
    setTimeout(() => saveEditor(form)); // a form ignores a submit from within its own
  });
  form.addEventListener("htmx:config:request", (event) => {
    form.ctx = event.detail.ctx;
  });
  form.addEventListener("htmx:before:response", (event) => {
    form.freshToken = event.detail.ctx.response.headers.get("X-CSRF-Token");
    if (event.detail.ctx.response.status === 401) event.preventDefault(); // stay: what was typed would be lost
  });
}

// On the document, since the form of a save that succeeded is gone from the page by then.
document.addEventListener("tmr:saved", ({ detail }) => {
  const row = document.querySelector(`tr[data-id="${CSS.escape(detail.id)}"]`);
  if (row) row.dataset.version = detail.version;
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  for (const [id, line] of waiting) {
    if (line[0].ctx === ctx) finish(id, line[0], ctx.response?.status ?? 0);
  }
});

function finish(id, form, status) {
  if (status === 403 && form.freshToken && !form.hasNewToken) {
    form.hasNewToken = true; // signed in again in another tab: the same save, with the token of that session
    form.elements.csrf_token.value = form.freshToken;
    setTimeout(() => submit(form));
    return;
  }
  form.isSaving = false;
  if (status < 200 || status >= 300) fail(form, status);
  goOn(id);
}

function goOn(id) {
  const line = (waiting.get(id) ?? []).slice(1);
  if (line.length) waiting.set(id, line);
  else waiting.delete(id);
  if (line[0] instanceof HTMLFormElement) submit(line[0]);
}

function fail(form, status) {
  const cell = form.parentElement;
  if (!cell) return;
  cell.replaceChildren(form.previous, form);
  form.hidden = false;
  form.isForced = true;
  cell.classList.remove("saving");
  cell.classList.add("editing", "unsaved");
  form.isLocked = status === 423;
  if (status !== 422 && status !== 409) explain(form, REASONS[status] ?? SERVER_PROBLEM);
  const [first] = controlsOf(form);
  first.setAttribute("aria-invalid", "true");
  const error = form.querySelector(".problem [id$=-error]");
  if (error) first.setAttribute("aria-describedby", error.id);
  if (!document.activeElement?.closest(".editor, [data-unlock]")) first.focus();
}

// What was typed while the records were locked saves itself once they are open.
document.addEventListener("tmr:unlocked", () => {
  for (const form of document.querySelectorAll("td.unsaved .editor")) if (form.isLocked) saveEditor(form);
});

function explain(form, text) {
  const reason = element("p", text, { className: "error" });
  const retry = element("button", "Retry", { className: "btn small" });
  form.querySelector(".problem").replaceChildren(reason, retry);
}
