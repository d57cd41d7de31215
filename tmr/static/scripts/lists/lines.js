// Lists of lines, such as Today: one key moves, completes, snoozes or opens.
import { actionOf } from "../keyboard/keymap.js";

let lastIndex = 0;

const LINE = "[data-lines] [data-line]";

const linesOf = (list) => [...list.querySelectorAll("[data-line]")].filter((line) => line.checkVisibility());

function focusLine(list, index) {
  const lines = linesOf(list);
  lines[Math.min(Math.max(index, 0), lines.length - 1)]?.focus();
}

const indexOf = (line) => linesOf(line.closest("[data-lines]")).indexOf(line);

const moveTo = (place) => (line) => focusLine(line.closest("[data-lines]"), place());

// With lines selected, a key does its work to all of them.
const pressForAll = (ofAll, selector) => (line) => {
  const isPicked = document.querySelector("#today [data-pick]:checked");
  (isPicked ? document.querySelector(`#today-bulk ${ofAll}`) : line.querySelector(selector))?.click();
};

const press = (selector) => (line) => line.querySelector(selector)?.click();

const actions = {
  next: moveTo(() => lastIndex + 1),
  previous: moveTo(() => lastIndex - 1),
  first: moveTo(() => 0),
  last: moveTo(() => Infinity),
  done: pressForAll("[data-verb-of-picked]", "[data-done]"),
  snooze: pressForAll("summary", "[data-snooze]"),
  select: press("[data-pick]"),
  selectPart: (line) => line.closest("section").querySelector("[data-part]")?.click(),
  prepare: (line) => line.querySelector(".done-box:not(.done, [data-done])")?.focus(),
  reschedule: press(".reschedule > summary"),
  open: press("[data-open], [data-property]"),
};

// The second click of a double one would do the same again, or to the line that has come up by then.
document.addEventListener("click", (event) => {
  if (event.detail > 1 && event.target.closest("[data-line] [data-done]")) event.preventDefault();
}, true);

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const line = event.target.closest?.(LINE);
  if (line) actOn(line, event);
  else if (actionOf("outside", event) === "enter" && event.target === document.body) enterList(event);
});

// The line itself takes all keys, but on the page of a record the letters are the page's. What is inside a line has its
// own keys, and the arrows go on from there too.
function actionAt(line, event) {
  const isLetter = event.key?.length === 1;
  if (event.target === line) return isLetter && line.closest("[data-record]") ? null : actionOf("lines", event);
  const isOwn = isLetter || event.target.closest(".items, input:not([type=checkbox]), select, textarea");
  const action = isOwn ? null : actionOf("lines", event);
  return ["next", "previous"].includes(action) ? action : null;
}

function actOn(line, event) {
  const action = actions[actionAt(line, event)];
  if (!action) return;
  event.preventDefault();
  lastIndex = indexOf(line);
  action(line);
}

function enterList(event) {
  const list = document.querySelector("#today, #found");
  if (!list || !linesOf(list).length) return;
  event.preventDefault();
  focusLine(list, 0);
}

// After a line has left, the one that took its place is next.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.target?.id === "today" && document.activeElement === document.body) {
    focusLine(document.getElementById("today"), lastIndex);
  }
});

document.addEventListener("click", (event) => {
  const line = event.target.closest?.(LINE);
  if (line) lastIndex = indexOf(line);
});
