// What a person does in an open editor, and what would lose its text.
import { actionOf } from "../keyboard/keymap.js";
import { showNotice } from "../messages/notice.js";
import { cellAt, leaveCell, placeOf } from "./cells.js";
import { openEditor } from "./editor.js";
import { closeEditor, controlsOf, typedValues } from "./editor_form.js";
import { saveEditor } from "./saving.js";

const MOVES = { cancel: {}, down: { down: 1 }, up: { down: -1 }, right: { right: 1 }, left: { right: -1 } };

export function drawAgain(options = {}) {
  const list = document.getElementById("record-list");
  const { address = `/${list.dataset.kind}${location.search}`, push } = options;
  htmx.ajax("GET", address, { target: "#record-list", swap: "outerHTML", source: list, push });
}

// A change made elsewhere came first: show that one in place of what was typed.
function useSavedVersion(button) {
  button.closest("td").classList.remove("unsaved");
  button.closest(".editor").isGivenUp = true;
  drawAgain();
  showNotice("Showing the saved version.");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take-stored]");
  if (button) useSavedVersion(button);
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.(".editor");
  if (!form || event.target.closest(".problem")) return;
  const action = actionOf("editor", event);
  const move = MOVES[action];
  if (!move) return;
  const saved = form.querySelector("[data-take-stored]");
  if (action === "cancel" && saved) return useSavedVersion(saved);
  if (move.right) {
    const isEdge = event.target === (move.right < 0 ? controlsOf(form)[0] : controlsOf(form).at(-1));
    const hasProblem = form.querySelector(".problem").childElementCount; // Tab goes to its buttons
    if (!isEdge || hasProblem) return;
  }
  event.preventDefault();
  leaveCell(form.parentElement, move);
  if (action === "cancel") closeEditor(form);
  else saveEditor(form);
});

// Leaving a cell by mouse or touch saves it, as in a spreadsheet.
document.addEventListener("focusout", (event) => {
  const form = event.target.closest?.(".editor");
  if (!form || form.isSaving || form.contains(event.relatedTarget)) return;
  setTimeout(() => {
    const isOut = form.isConnected && !form.isSaving && !form.contains(document.activeElement);
    if (isOut && document.hasFocus() && !form.parentElement.classList.contains("unsaved")) saveEditor(form);
  });
});

// A list that is drawn again would take an unsaved cell with it.
document.addEventListener("htmx:before:swap", (event) => {
  if (event.detail.ctx.target?.id !== "record-list" || !document.querySelector("td.unsaved")) return;
  event.preventDefault();
  showNotice("A cell is not saved yet. Save it, or press Esc in it, first.", { isError: true });
});

// A list that was asked for before a cell was saved does not have it: it is asked for again once that is done, and
// finds what a search looked for.
let outdated = null; // the address of such a list, and whether it becomes that of the page

document.addEventListener("htmx:before:swap", (event) => {
  const { request, push, target } = event.detail.ctx;
  if (target?.id !== "record-list" || !document.querySelector("td.saving")) return;
  event.preventDefault();
  outdated = { ...outdated, ...(push && { address: request.action, push }) };
});

document.addEventListener("htmx:finally:request", () => {
  setTimeout(() => {
    if (!outdated || document.querySelector("td.saving")) return;
    drawAgain(outdated);
    outdated = null;
  });
});

// A list that is drawn again while someone types into a cell, such as after an undo, gets the editor back as it was.
let typing = null;

document.addEventListener("htmx:before:swap", (event) => {
  const form = document.querySelector("td.editing:not(.unsaved) .editor");
  if (event.defaultPrevented || event.detail.ctx.target?.id !== "record-list" || !form) return;
  typing = form.isGivenUp || typedValues(form) === form.startedAs
    ? null
    : { place: placeOf(form.parentElement), texts: controlsOf(form).map(({ value }) => value) };
});

document.addEventListener("htmx:after:swap", () => {
  if (!typing || document.querySelector("td.editing")) return;
  const { place, texts } = typing;
  const cell = cellAt(place);
  typing = null;
  if (!cell) return showNotice(`The list was drawn again without the row that you typed into: “${texts.join(" ")}”.`);
  openEditor(cell);
  controlsOf(cell.querySelector(".editor")).forEach((control, at) => {
    control.value = texts[at];
    control.setSelectionRange?.(texts[at].length, texts[at].length);
  });
});

globalThis.addEventListener("beforeunload", (event) => {
  if (document.querySelector("td.unsaved, td.saving")) event.preventDefault();
});
