// Moves cards at once and saves the moves one after another. A move that fails goes back to where the card was.
import { showNotice } from "../messages/notice.js";
import { placeCard, showCounts } from "./columns.js";

const REASONS = {
  0: "You’re offline. The card is back where it was: try again.",
  404: "Not moved: this application was deleted elsewhere.",
};
const queue = [];
let running = null;

// Saves that a card stands in another column; `before` is where it came from.
export function saveMove(card, column, from, before) {
  if (column === from) return;
  showCounts();
  card.classList.add("saving");
  queue.push({ id: card.id, status: column.dataset.status, from, before });
  if (!running) runNext();
}

// Moves a card to the top of a column; the answer says so.
export function moveCard(card, column) {
  const from = card.parentElement;
  const before = card.nextElementSibling;
  if (!column || column === from) return;
  placeCard(card, column, column.firstElementChild);
  card.focus();
  card.scrollIntoView({ block: "nearest", inline: "nearest" });
  saveMove(card, column, from, before);
}

function runNext() {
  running = queue.shift() ?? null;
  if (!running) return;
  const card = document.getElementById(running.id);
  const form = document.getElementById("move");
  if (!card || !form) return runNext();
  form.action = `/applications/${card.dataset.id}`;
  form.setAttribute("hx-post", form.action);
  form.elements.version.value = card.dataset.version;
  form.elements.status.value = running.status;
  form.requestSubmit();
}

function undoMove({ id, from, before }, reason) {
  const card = document.getElementById(id);
  const later = queue.find((move) => move.id === id);
  if (later) Object.assign(later, { from, before }); // it was moved on since: that is where it stands if this is saved
  else if (card) {
    card.classList.remove("saving");
    placeCard(card, from, before?.isConnected ? before : null);
    card.focus();
  }
  if (reason) showNotice(reason, { isError: true });
}

function confirmMove(answer) {
  const card = document.getElementById(running.id);
  const version = /data-version="(\d+)"/.exec(answer)?.[1];
  if (card && version) card.dataset.version = version;
  if (!queue.some(({ id }) => id === running.id)) card?.classList.remove("saving");
}

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  if (ctx.sourceElement?.id === "move" && ctx.response?.status === 200 && running) confirmMove(ctx.text);
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement?.id !== "move" || !running) return;
  const status = ctx.response?.status ?? 0;
  if (status === 423) return waitForUnlock();
  if (status !== 200) undoMove(running, REASONS[status]);
  runNext();
});

// The records are locked: the card stays where it was put, and its move is saved once they are open.
function waitForUnlock() {
  queue.unshift(running);
  running = null;
}

document.addEventListener("tmr:unlocked", runNext);
