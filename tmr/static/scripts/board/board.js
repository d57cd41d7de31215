// The board: cards move by dragging, by keyboard and by a menu.
import { actionOf } from "../keyboard/keymap.js";
import { columnBeside, columns, focusAbove, focusBelow, focusBeside } from "./columns.js";
import { makeDraggable } from "./dragging.js";
import { moveCard } from "./moves.js";
import { chooseForSelected } from "./picked.js";
import { makeOneTabStop } from "./tab_stop.js";

const STEPS = {
  ArrowUp: focusAbove,
  ArrowDown: focusBelow,
  ArrowLeft: (card) => focusBeside(card, -1),
  ArrowRight: (card) => focusBeside(card, 1),
};

const actions = {
  go: (card, key) => STEPS[key](card),
  move: (card, key) => moveCard(card, columnBeside(card, key === "ArrowLeft" ? -1 : 1)),
  choose: (card) => chooseForSelected() || openMenu(card),
  open: (card) => card.querySelector("a").click(),
  select: (card) => card.querySelector("input").click(),
};

let menuCardId = null;

function openMenu(card) {
  const menu = document.getElementById("move-menu");
  const { status } = card.parentElement.dataset;
  menuCardId = card.id;
  menu.returnValue = "";
  menu.querySelector("[aria-current]")?.removeAttribute("aria-current");
  menu.querySelector(`[value="${CSS.escape(status)}"]`)?.setAttribute("aria-current", "true");
  menu.showModal();
}

function answerMenu(event) {
  const card = document.getElementById(menuCardId);
  const column = columns().find(({ dataset }) => dataset.status === event.target.returnValue);
  card?.focus();
  if (card && column) moveCard(card, column);
}

document.addEventListener("keydown", (event) => {
  const card = event.target.matches?.("#board li.card") ? event.target : null;
  if (!card || event.ctrlKey || event.metaKey) return;
  const action = actions[actionOf("board", event)];
  if (!action) return;
  event.preventDefault();
  action(card, event.key);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#board [data-move]");
  if (button) openMenu(button.closest("li.card"));
});

// From anywhere on the page, the board is one key away.
document.addEventListener("keydown", (event) => {
  if (actionOf("outside", event) !== "enter" || event.target !== document.body) return;
  const first = document.querySelector("#board li.card[tabindex='0']");
  if (!first || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  first.focus();
});

if (document.getElementById("board")) {
  document.getElementById("move-menu")?.addEventListener("close", answerMenu);
  makeDraggable();
  makeOneTabStop();
}
