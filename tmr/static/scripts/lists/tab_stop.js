// The lines of a list are one tab stop: the line that had the focus last, and then what is inside it. The arrow keys go
// on from it. A field to type in stays a stop of its own, and without scripts everything is.
const LINE = "[data-lines] [data-line]";
const INNER = "a[href], button, input[type=checkbox], summary";
const FOLDED = "[hidden], details:not([open])"; // asking for what shows would lay the page out before it is painted

function setStop(line, isStop) {
  line.tabIndex = isStop ? 0 : -1;
  for (const inner of line.querySelectorAll(INNER)) {
    if (isStop) inner.removeAttribute("tabindex");
    else inner.tabIndex = -1;
  }
}

function stopAt(line) {
  const stops = line.closest("[data-lines]").querySelectorAll("[data-line][tabindex='0']");
  for (const other of stops) if (other !== line) setStop(other, false);
  setStop(line, true);
}

function makeOneTabStop() {
  for (const list of document.querySelectorAll("[data-lines]")) {
    const lines = [...list.querySelectorAll("[data-line]")];
    for (const line of lines) setStop(line, false);
    const stop = lines.find((line) => line.contains(document.activeElement)) ??
      lines.find((line) => !line.closest(FOLDED));
    if (stop) stopAt(stop);
  }
}

document.addEventListener("focusin", ({ target }) => {
  const line = target.closest?.(LINE);
  if (line && line.tabIndex !== 0) stopAt(line);
});

document.addEventListener("htmx:after:swap", makeOneTabStop);
// A part that was folded, such as what is overdue, may hold the only lines.
document.addEventListener("toggle", ({ target }) => {
  if (target.matches?.("[data-lines] details:has([data-line])")) makeOneTabStop();
}, true);
makeOneTabStop();
