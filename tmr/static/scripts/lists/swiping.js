// On touch, a line of Today that is swiped to its end is done, and one swiped to its start is snoozed. Its circle and
// its menu do the same.
const BEGINS_PX = 12;
const ACTS_PX = 88;

let swipe = null;

const isBackwards = (line) => getComputedStyle(line).direction === "rtl";

document.addEventListener("pointerdown", (event) => {
  swipe = null;
  const line = event.pointerType === "touch" ? event.target.closest?.(".day-line") : null;
  if (line && event.isPrimary && !event.target.closest(".items")) swipe = { line, x: event.clientX, y: event.clientY };
});

document.addEventListener("pointermove", (event) => {
  if (!swipe) return;
  const across = event.clientX - swipe.x;
  if (!swipe.line.dataset.swipe) {
    if (Math.abs(event.clientY - swipe.y) > BEGINS_PX) swipe = null; // the finger scrolls
    if (!swipe || Math.abs(across) < BEGINS_PX) return;
  }
  show(across);
});

function show(across) {
  const { line } = swipe;
  const isDone = across > 0 !== isBackwards(line);
  swipe.button = line.querySelector(isDone ? "[data-done]" : "[data-snooze]");
  swipe.isFar = Math.abs(across) >= ACTS_PX;
  line.dataset.swipe = isDone ? line.querySelector("[data-done]").title : "Snooze";
  line.classList.toggle("backwards", !isDone);
  line.classList.toggle("far", swipe.isFar);
  line.style.setProperty("--swipe", `${across}px`);
}

function letGo(event) {
  if (!swipe) return;
  const { line, button, isFar } = swipe;
  swipe = null;
  if (!line.dataset.swipe) return;
  if (isFar && event.type === "pointerup") {
    button?.click(); // the line stays where the finger left it until the new list comes
    return;
  }
  delete line.dataset.swipe;
  line.classList.remove("far", "backwards");
}

document.addEventListener("pointerup", letGo);
document.addEventListener("pointercancel", letGo);
