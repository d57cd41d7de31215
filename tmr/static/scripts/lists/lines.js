// Lists of lines, such as Today: one key moves, completes, snoozes or opens.
import { actionOf } from "../keyboard/keymap.js";

let lastIndex = 0;

const allLines = () => [...document.querySelectorAll("[data-lines] [data-line]")];

function focusLine(index) {
  const lines = allLines();
  lines[Math.min(Math.max(index, 0), lines.length - 1)]?.focus();
}

// With lines selected, a key does its work to all of them.
const pressForAll = (ofAll, selector) => (line) => {
  const isPicked = document.querySelector("#today [data-pick]:checked");
  (isPicked ? document.querySelector(`#today-bulk ${ofAll}`) : line.querySelector(selector))?.click();
};

const press = (selector) => (line) => line.querySelector(selector)?.click();

const actions = {
  next: () => focusLine(lastIndex + 1),
  previous: () => focusLine(lastIndex - 1),
  first: () => focusLine(0),
  last: () => focusLine(Infinity),
  done: pressForAll("[data-verb-of-picked]", "[data-done]"),
  snooze: pressForAll("summary", "[data-snooze]"),
  select: press("[data-pick]"),
  selectPart: (line) => line.closest("section").querySelector("[data-part]")?.click(),
  reschedule: press(".reschedule > summary"),
  open: press("[data-open]"),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const line = event.target.matches?.("[data-line]") ? event.target : null;
  if (line) actOn(line, event);
  else if (actionOf("outside", event) === "enter" && event.target === document.body) enterList(event);
});

function actOn(line, event) {
  const action = actions[actionOf("lines", event)];
  if (!action) return;
  event.preventDefault();
  lastIndex = allLines().indexOf(line);
  action(line);
}

function enterList(event) {
  if (!allLines().length) return;
  event.preventDefault();
  focusLine(0);
}

// After a line has left, the one that took its place is next.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.target?.id === "today" && document.activeElement === document.body) focusLine(lastIndex);
});

// The menu of a line closes as menus do: by Escape, and by a click beside it.
const openMenus = () => document.querySelectorAll("details.line-menu[open]");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of openMenus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("click", (event) => {
  for (const menu of openMenus()) {
    const isChosen = event.target.closest?.(".line-menu .items label");
    if (isChosen || !menu.contains(event.target)) menu.open = false;
  }
  const line = event.target.closest?.("[data-line]");
  if (line) lastIndex = allLines().indexOf(line);
});
