// Sends the texts of many cells at once, and has the rows of an answer put in place. One request after another, since
// each needs the versions that the one before has made.
import { element } from "../elements.js";
import { drawAgain } from "../grid/editing.js";
import { holdSaves, isTurnOf, leaveTurn, takeTurn } from "../grid/saving.js";
import { showNotice } from "../messages/notice.js";
import { later, placeOf, pointAt } from "../grid/cells.js";

const MOST_CELLS = 12_000;
const waiting = []; // { ids, open, edits, notes }, the last two once they are known
let sent = null; // the one that is under way

const formOf = () => document.getElementById("cells");

const nameOf = (cell) => JSON.stringify(placeOf(cell));

// Takes the turn of a change to these rows before its texts are known: what is typed into them from now on is saved
// after it. Cells that are open by now keep what is typed there.
export function beginChange(ids) {
  const open = new Set([...document.querySelectorAll("td:is(.editing, .saving, .unsaved)")].map(nameOf));
  const change = { ids: [...ids], open };
  for (const id of change.ids) takeTurn(id, change);
  waiting.push(change);
  return change;
}

// Gives up a change that has not been sent.
export function giveUp(change) {
  waiting.splice(waiting.indexOf(change), 1);
  for (const id of change.ids) leaveTurn(id, change);
  sendNext();
}

// `texts` is a list of [cell, text]; `notes` are sentences, or lists with a button in them, that the message says too.
export function setCells(
  texts,
  notes = [],
  change = beginChange(new Set(texts.map(([cell]) => cell.parentElement.id))),
) {
  const isOpen = (cell) => change.open.has(nameOf(cell));
  const open = texts.filter(([cell]) => isOpen(cell)).length;
  const left = open ? [`${open === 1 ? "1 cell that is" : open + " cells that are"} not saved yet stayed.`] : [];
  const edits = new Map();
  for (const [cell, text] of texts) {
    if (isOpen(cell)) continue;
    const { id } = cell.parentElement;
    edits.set(id, { ...edits.get(id), [cell.dataset.field]: text });
  }
  if (texts.length > MOST_CELLS) {
    giveUp(change);
    return showNotice(`At most ${MOST_CELLS.toLocaleString("en-GB")} cells can be set at once.`, { isError: true });
  }
  if (edits.size) return setRows(edits, [...notes, ...left], change);
  giveUp(change);
  if (notes.length + left.length) {
    showNotice("Nothing was changed.");
    sayBesides([...notes, ...left]);
  }
}

// `edits` has the texts of each row by their fields, also of fields that have no column here.
export function setRows(edits, notes = [], change = beginChange(edits.keys())) {
  const ids = change.ids;
  change.ids = ids.filter((id) => edits.has(id));
  for (const id of ids) if (!edits.has(id)) leaveTurn(id, change);
  Object.assign(change, { edits, notes });
  sendNext();
}

function sendNext() {
  if (sent || !waiting[0]?.edits || !isTurnOf(waiting[0], waiting[0].ids)) return;
  sent = waiting.shift();
  const rows = [...sent.edits].map(([id, texts]) => [document.getElementById(id), texts]).filter(([row]) => row);
  const form = formOf();
  form.elements.cells.value = JSON.stringify(
    rows.map(([row, texts]) => [row.dataset.id, Number(row.dataset.version), texts]),
  );
  form.elements.query.value = document.getElementById("record-list").dataset.query;
  form.requestSubmit();
}

async function place(changes) {
  const { isComplete, cell } = (await later()).putInPlace?.(changes) ?? {};
  if (cell) pointAt(cell);
  if (isComplete) document.dispatchEvent(new CustomEvent("tmr:placed"));
  else drawAgain();
}

function sayBesides(notes) {
  const notice = document.querySelector("#messages .notice");
  if (!notes.length || !notice) return;
  notice.dataset.lasting = "";
  (notice.firstElementChild ?? notice).append(...notes.map((words) => element("span", words, { className: "left" })));
}

let placed = null;

document.addEventListener("htmx:after:swap", () => {
  const holder = formOf()?.querySelector("[data-changed]:has(template)");
  if (!holder) return;
  const changes = document.createDocumentFragment();
  changes.append(...holder.childNodes); // taken out at once: one answer is told of more than once, and another may come
  placed = place(changes);
});

document.addEventListener("htmx:finally:request", async ({ detail: { ctx } }) => {
  if (sent && ctx.sourceElement === formOf()) {
    await placed; // the versions that the next one needs
    const { status } = ctx.response ?? {};
    if (status === 423) return waitForUnlock();
    if (status === 200) sayBesides(sent.notes);
    if (status === 404) {
      showNotice("Nothing was changed: one of these records was deleted somewhere else.", { isError: true });
    }
    for (const id of sent.ids) leaveTurn(id, sent);
    sent = null;
  }
  sendNext();
});

// What undoes a change, or sets a field of the selected rows, comes before what is typed into cells from then on.
const ends = new Map(); // request → what ends the wait for it

document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
  if (!ctx.sourceElement.matches("#messages form, #bulk, #tick")) return;
  holdSaves(new Promise((resolve) => ends.set(ctx, resolve)));
});

document.addEventListener("htmx:finally:request", async ({ detail: { ctx } }) => {
  if (ends.has(ctx)) await placed;
  ends.get(ctx)?.();
  ends.delete(ctx);
});

// The records are locked: the cells keep their turn, and are set once the records are open.
function waitForUnlock() {
  waiting.unshift(sent);
  sent = null;
}

document.addEventListener("tmr:unlocked", sendNext);
document.addEventListener("tmr:released", sendNext);

globalThis.addEventListener("beforeunload", (event) => {
  if (sent || waiting.length) event.preventDefault();
});
