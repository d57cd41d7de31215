// Sends the texts of many cells at once, and puts the rows of the answer in place. One request after another, since
// each needs the versions that the one before has made.
import { element } from "../elements.js";
import { endTurn, isTurnOf, takeTurn } from "../grid/saving.js";
import { showNotice } from "../messages/notice.js";
import { cellIn } from "../grid/cells.js";

const MOST_CELLS = 12_000;
const waiting = []; // { edits, notes }
let sent = null; // the one that is under way

const formOf = () => document.getElementById("cells");

const isOpen = (cell) => cell.matches(".editing, .saving, .unsaved");

// `texts` is a list of [cell, text]; `notes` are sentences, or lists with a button in them, that the message says too.
export function setCells(texts, notes = []) {
  const open = texts.filter(([cell]) => isOpen(cell)).length;
  const left = open ? [`${open === 1 ? "1 cell that is" : `${open} cells that are`} not saved yet stayed.`] : [];
  const edits = new Map();
  for (const [cell, text] of texts) {
    if (isOpen(cell)) continue;
    const { id } = cell.parentElement;
    edits.set(id, { ...edits.get(id), [cell.dataset.field]: text });
  }
  if (texts.length > MOST_CELLS) {
    return showNotice(`At most ${MOST_CELLS.toLocaleString("en-GB")} cells can be set at once.`, { isError: true });
  }
  if (!edits.size && notes.length + left.length) {
    showNotice("Nothing was changed.");
    return sayBesides([...notes, ...left]);
  }
  if (edits.size) setRows(edits, [...notes, ...left]);
}

// `edits` has the texts of each row by their fields, also of fields that have no column here.
export function setRows(edits, notes = []) {
  const change = { edits, notes };
  for (const id of edits.keys()) takeTurn(id, change);
  waiting.push(change);
  sendNext();
}

function sendNext() {
  if (sent || !waiting.length || !isTurnOf(waiting[0], waiting[0].edits.keys())) return;
  sent = waiting.shift();
  const rows = [...sent.edits].map(([id, texts]) => [document.getElementById(id), texts]).filter(([row]) => row);
  const form = formOf();
  form.elements.cells.value = JSON.stringify(
    rows.map(([row, texts]) => [row.dataset.id, Number(row.dataset.version), texts]),
  );
  form.elements.query.value = document.getElementById("record-list").dataset.query;
  form.requestSubmit();
}

// The cells of the answer's rows take the place of those here; one that is not saved yet stays.
function putInPlace(template) {
  for (const row of template.content.querySelectorAll("tr")) {
    const old = document.getElementById(row.id);
    if (!old) continue;
    old.dataset.version = row.dataset.version;
    for (const cell of [...row.querySelectorAll("td[data-field]")]) {
      const there = cellIn(old, cell.dataset.field);
      if (!there || isOpen(there) || there.outerHTML === cell.outerHTML) continue;
      there.replaceWith(cell);
    }
  }
  template.remove();
}

function sayBesides(notes) {
  const notice = document.querySelector("#messages .notice");
  if (!notes.length || !notice) return;
  notice.dataset.lasting = "";
  (notice.firstElementChild ?? notice).append(...notes.map((words) => element("span", words, { className: "left" })));
}

document.addEventListener("htmx:after:swap", () => {
  const template = formOf()?.querySelector("[data-changed] template");
  if (template) putInPlace(template);
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (sent && ctx.sourceElement === formOf()) {
    const { status } = ctx.response ?? {};
    if (status === 200) sayBesides(sent.notes);
    if (status === 404) {
      showNotice("Nothing was changed: one of these records was deleted somewhere else.", { isError: true });
    }
    for (const id of sent.edits.keys()) endTurn(id);
    sent = null;
  }
  sendNext();
});

globalThis.addEventListener("beforeunload", (event) => {
  if (sent || waiting.length) event.preventDefault();
});
