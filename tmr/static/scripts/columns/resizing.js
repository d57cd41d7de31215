// The edge of a head is dragged to make its column wider or narrower; a double click fits it to what is in it.
import { freeze, headOf, nearestStep, send, stepAbove, widths, within } from "./table.js";

const EDGE = 6; // pixels beside the edge of a head that take hold of it
const PADDING = 20;
let held = null; // { head, x, width }
let hovered = null;

// The head whose end is under the pointer.
function headAt({ target, clientX }) {
  const head = headOf(target);
  if (!head) return null;
  const { left, right } = head.getBoundingClientRect();
  if (right - clientX <= EDGE) return head;
  return clientX - left <= EDGE ? headOf(head.previousElementSibling) : null;
}

function settle(head, width) {
  head.style.removeProperty("inline-size");
  head.dataset.width = width;
  send(head.dataset.field, { change: "width", widths: widths() }, "none");
}

document.addEventListener("pointermove", (event) => {
  if (held) {
    held.head.style.inlineSize = `${within(held.width + event.clientX - held.x)}px`;
    return;
  }
  const head = event.buttons ? null : headAt(event);
  if (head === hovered) return;
  if (hovered) delete hovered.dataset.hold;
  if (head) head.dataset.hold = "";
  hovered = head;
});

// Before a head is taken hold of to move it (dragging.js).
document.addEventListener("pointerdown", (event) => {
  const head = event.button ? null : headAt(event);
  if (!head) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  freeze();
  held = { head, x: event.clientX, width: head.offsetWidth };
}, true);

for (const name of ["pointerup", "pointercancel"]) {
  document.addEventListener(name, () => {
    if (!held) return;
    const { head, width } = held;
    held = null;
    if (head.offsetWidth !== width) settle(head, nearestStep(head.offsetWidth));
  });
}

// Taking hold of an edge is no click on the head beside it.
document.addEventListener("click", (event) => {
  if (event.detail && headAt(event)) {
    event.preventDefault();
    event.stopImmediatePropagation();
  }
}, true);

document.addEventListener("dblclick", (event) => {
  const head = headAt(event);
  if (!head) return;
  freeze();
  const cells = document.querySelectorAll(`#record-rows td[data-field="${CSS.escape(head.dataset.field)}"]`);
  const range = document.createRange();
  const needed = [head, ...cells].map((cell) => {
    range.selectNodeContents(cell);
    return range.getBoundingClientRect().width + PADDING;
  });
  settle(head, stepAbove(Math.max(...needed)));
});
