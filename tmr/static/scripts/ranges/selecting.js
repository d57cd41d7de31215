// Makes a range with the mouse: Shift and a click, or dragging; and by touch: a long press, and taps that extend it.
import { element } from "../elements.js";
import { cellOf, focusCell, lastCell } from "../grid/cells.js";
import { clearRange } from "./changes.js";
import { pasteInto } from "./clipboard.js";
import { collapse, extendTo, hasRange, selectRange } from "./range.js";

const LONG_PRESS_MS = 500;
const HEAD = 32; // pixels of the head, which stays in view
const EDGE = 40; // pixels from an edge at which dragging scrolls
const STEP = 16;
let dragged = null; // { from, at: [x, y] }
let press = 0;
let bar = null; // of a range by touch

const cellUnder = (target) => target.closest?.("#record-rows td[data-field]");
const isInside = (target) => target.closest?.(".editor, button, input");
const isWide = () => matchMedia("(width >= 760px)").matches; // below that a row is a card, and shows no cells

document.addEventListener("pointerdown", (event) => {
  const cell = cellUnder(event.target);
  if (!cell || isInside(event.target) || event.button) return;
  if (event.pointerType === "touch") return beginPress(cell);
  if (event.shiftKey && lastCell()) {
    event.preventDefault();
    focusCell(lastCell());
    return extendTo(lastCell(), cell);
  }
  collapse();
  dragged = { from: cell, at: [event.clientX, event.clientY] };
});

// A click with Shift would follow a link, and mark words from the last click to this one; a tap that extends a range,
// or a button of its bar, would take the focus from the cell.
for (const name of ["mousedown", "click"]) {
  document.addEventListener(name, (event) => {
    const isOfRange = event.shiftKey || (bar && name === "mousedown");
    const isOnCell = cellUnder(event.target) && !isInside(event.target);
    if (isOfRange && (isOnCell || bar?.contains(event.target))) event.preventDefault();
  });
}

document.addEventListener("dragstart", (event) => {
  if (dragged && cellUnder(event.target)) event.preventDefault(); // a link would be carried away
});

document.addEventListener("pointermove", (event) => {
  if (press && Math.hypot(event.movementX, event.movementY) > 4) endPress();
  if (!dragged) return;
  dragged.at = [event.clientX, event.clientY];
  if (dragged.isOn) return extendToPointer();
  const cell = cellUnder(event.target);
  if (!cell || cell === dragged.from) return;
  dragged.isOn = true;
  document.getSelection().removeAllRanges();
  document.documentElement.classList.add("dragging-range");
  focusCell(dragged.from);
  extendToPointer();
  requestAnimationFrame(scrollAtEdges);
});

function extendToPointer() {
  const box = document.getElementById("record-rows").getBoundingClientRect();
  const scroll = document.querySelector(".scroll").getBoundingClientRect();
  const x = Math.min(Math.max(dragged.at[0], scroll.left + 48), Math.min(scroll.right, innerWidth) - 8);
  const top = Math.max(box.top, scroll.top + HEAD, 0) + 4;
  const y = Math.min(Math.max(dragged.at[1], top), Math.min(box.bottom, scroll.bottom, innerHeight) - 4);
  const under = document.elementsFromPoint(x, y).map(cellUnder).find(Boolean);
  if (under && under !== dragged.to) {
    dragged.to = under;
    selectRange(dragged.from, under);
  }
}

function scrollAtEdges() {
  if (!dragged) return;
  const scroll = document.querySelector(".scroll");
  const { left, right, top, bottom } = scroll.getBoundingClientRect();
  const [x, y] = dragged.at;
  const across = x > Math.min(right, innerWidth) - EDGE ? STEP : x < left + EDGE ? -STEP : 0;
  const down = y > Math.min(bottom, innerHeight) - EDGE ? STEP : y < Math.max(top + HEAD, EDGE) ? -STEP : 0;
  if (across || down) {
    const before = scroll.scrollTop;
    scroll.scrollBy(across, down);
    if (scroll.scrollTop === before) scrollBy(0, down); // a short list moves with its page
    extendToPointer();
  }
  requestAnimationFrame(scrollAtEdges);
}

for (const name of ["pointerup", "pointercancel"]) {
  document.addEventListener(name, () => {
    dragged = null;
    endPress();
    document.documentElement.classList.remove("dragging-range");
  });
}

function beginPress(cell) {
  if (!isWide() || bar) return;
  press = setTimeout(() => {
    press = 0;
    focusCell(cell);
    showBar();
  }, LONG_PRESS_MS);
}

function endPress() {
  clearTimeout(press);
  press = 0;
}

function showBar() {
  const actions = {
    Copy: () => document.execCommand("copy"),
    Paste: () => pasteInto(lastCell()),
    Clear: () => clearRange(lastCell()),
    Done: hideBar,
  };
  const buttons = Object.entries(actions).map(([words, onclick]) =>
    element("button", words, { type: "button", className: "btn small", onclick })
  );
  bar = element("div", [element("span", "Tap where the range ends."), ...buttons], { className: "range-bar" });
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Cells");
  document.getElementById("main").append(bar);
  lastCell().dataset.edge = "top bottom start end";
}

function hideBar() {
  bar.remove();
  bar = null;
  delete lastCell()?.dataset.edge;
  collapse();
}

// While a range is made by touch, a tap extends it, and neither opens a link nor edits.
document.addEventListener("click", (event) => {
  const cell = bar && cellUnder(event.target);
  if (!cell) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  extendTo(cellOf(document.activeElement) ?? lastCell(), cell);
}, true);

// A long press would open the menu of the browser.
document.addEventListener("contextmenu", (event) => {
  if ((bar || press) && cellUnder(event.target)) event.preventDefault();
});

document.addEventListener("htmx:after:swap", () => {
  if (bar && !hasRange() && !lastCell()) hideBar();
});
