// What a letter does in a cell of the grid. A command acts at once; what follows it is never lost: it filters the menu
// of the command, or is offered as the word that it is. Nothing here depends on how fast someone types.
import { cellAt, cellIn, cellOf, focusCell, leaveCell, placeOf } from "../grid/cells.js";
import { openEditor } from "../grid/editor.js";
import { holdSaves, saveEditor } from "../grid/saving.js";
import { actionOf } from "../keyboard/keymap.js";
import { setCells } from "../ranges/setting.js";
import { CommandMenu } from "./menu.js";
import { placesLevel } from "./places.js";
import { selectedRows, selectionLevel, stagesLevel, togglePick } from "./selection.js";
import { offerWord } from "./new_record.js";

const MODIFIERS = new Set(["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock"]);
const isLetter = (key) => /^\p{L}$/u.test(key);
const isSmall = (key) => /^\p{Ll}$/u.test(key);
let undoing = null; // the form of what can be undone
let before = { letters: "" }; // commands that were pressed directly before, in the same cell

const editorOf = (cell) => document.querySelector(`template[data-editor="${CSS.escape(cell.dataset.field)}"]`)?.content;

const nameOf = (cell) => {
  const lead = cell.parentElement.querySelector("td[data-lead]");
  return lead === cell ? cell.dataset.label : `${cell.dataset.label} of ${lead?.textContent.trim()}`;
};

// Writes a word as if it had been typed into the cell, and goes on below.
function writeInto(place, word, undo) {
  const cell = cellAt(place);
  if (!cell) return;
  undo?.();
  if (editorOf(cell).querySelector("select")) return setCells([[cell, word]]);
  focusCell(cell);
  openEditor(cell, { text: word });
  const form = cell.querySelector(".editor");
  leaveCell(cell, { down: 1 });
  saveEditor(form);
}

function openMenu(cell, level, { letters = "", text = "", anchor = cell } = {}) {
  const place = placeOf(cell);
  const undo = letters.includes("x") ? () => togglePick(cellAt(place).parentElement) : null;
  const write = editorOf(cell) && { before: letters, into: nameOf(cell), run: (word) => writeInto(place, word, undo) };
  const leave = ({ right = 0 }) => {
    const now = right ? cellAt(placeOf(anchor)) : cellAt(place);
    if (!now) return;
    if (right) leaveCell(now, { right });
    else focusCell(now);
  };
  new CommandMenu({ anchor, level, text, write, leave });
}

function setStatus(cell, letters) {
  const status = cellIn(cell.parentElement, "status");
  const level = stagesLevel([cell.parentElement]);
  if (level) openMenu(cell, level, { letters, anchor: status ?? cell });
  return level !== null;
}

// Returns whether the key is done with; else the scripts of the page and of the grid answer it.
function answer(cell, event, letters) {
  const { key } = event;
  const page = actionOf("page", event);
  const grid = actionOf("grid", event);
  if (page === "undo") undoing = document.querySelector("[data-undo]");
  if (page === "goTo") openMenu(cell, placesLevel(), { letters: letters + key });
  else if (page === "new") {
    offerWord(
      cell,
      () => document.querySelector("[data-new]").click(),
      letters + key,
      writeInto,
    );
  } else if (page === "undo" ? undoing : page) return remember(cell, page === "undo" ? letters + key : "");
  else if (grid === "select") return remember(cell, isLetter(key) ? letters + key : "");
  else if (selectedRows().length && isLetter(key)) answerForSelection(cell, key, grid, letters);
  else if (letters && isSmall(key) && !grid) beginWord(cell, letters, key);
  else if (grid === "setStatus" ? !setStatus(cell, letters + key) : page) openEditor(cell, { text: letters + key });
  else return grid === "setStatus";
  return true;
}

function beginWord(cell, letters, key) {
  if (letters.includes("x")) togglePick(cell.parentElement);
  if (letters.includes("u")) holdSaves(redo());
  openEditor(cell, { text: letters + key, other: key });
}

// The first letter of a word has undone a change: it is done again, once the undo has been answered.
async function redo() {
  const form = undoing;
  if (!form.isConnected || await isDone(form)) await sendRedo();
}

const isDone = (form) =>
  new Promise((resolve) => {
    document.addEventListener("htmx:finally:request", function answer({ detail: { ctx } }) {
      if (ctx.request.form !== form) return;
      document.removeEventListener("htmx:finally:request", answer);
      resolve(ctx.response?.status === 200);
    });
  });

async function sendRedo() {
  const source = document.querySelector("form[data-last=redo]");
  const list = document.getElementById("record-list");
  if (!source || !list) return;
  const { kind, query } = list.dataset;
  const values = { kind, query };
  await htmx.ajax("POST", "/redo", { target: "#record-list", swap: "outerHTML", source, values }).catch(() => {});
}

function remember(cell, letters) {
  before = { cell, letters };
  return false;
}

function answerForSelection(cell, key, grid, letters) {
  const stages = grid === "setStatus" && stagesLevel(selectedRows());
  if (stages) openMenu(cell, stages, { letters: letters + key });
  else openMenu(cell, selectionLevel(cell), { letters, text: key });
}

document.addEventListener("keydown", (event) => {
  if (MODIFIERS.has(event.key)) return;
  const letters = before.cell === event.target ? before.letters : "";
  before = { letters: "" };
  const cell = cellOf(event.target);
  const isCommand = event.ctrlKey || event.metaKey || event.altKey;
  if (!cell || isCommand || event.key?.length !== 1 || document.body.hasAttribute("data-no-letter-keys")) return;
  if (!answer(cell, event, letters)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("pointerdown", () => {
  before = { letters: "" };
});
