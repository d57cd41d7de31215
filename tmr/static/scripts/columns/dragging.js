// A head is dragged to another place in the row of heads.
import { headOf, heads, send } from "./table.js";

const STARTS = 6; // pixels that the pointer moves before a press is no click
let held = null; // { head, x, isOn }

// The head in front of which the column would be dropped; null at the end. The first column stays where it is.
function targetOf(x) {
  const [, ...others] = heads();
  return others.find((head) => {
    const { left, width } = head.getBoundingClientRect();
    return x < left + width / 2;
  }) ?? null;
}

function mark(target) {
  for (const head of heads()) delete head.dataset.drop;
  if (target === undefined) return;
  if (target) target.dataset.drop = "before";
  else heads().at(-1).dataset.drop = "after";
}

document.addEventListener("pointerdown", (event) => {
  const head = headOf(event.target);
  const isFirst = head === heads()[0];
  if (head && !isFirst && event.pointerType === "mouse" && !event.button) held = { head, x: event.clientX };
});

document.addEventListener("dragstart", (event) => {
  if (headOf(event.target)) event.preventDefault(); // a link would be carried away
});

document.addEventListener("pointermove", ({ clientX }) => {
  if (!held || (!held.isOn && Math.abs(clientX - held.x) < STARTS)) return;
  held.isOn = true;
  held.head.dataset.dragged = "";
  document.getSelection().removeAllRanges();
  mark(targetOf(clientX));
});

function drop({ clientX }) {
  const { head, isOn } = held ?? {};
  held = null;
  if (!isOn) return;
  mark(undefined);
  delete head.dataset.dragged;
  swallowClick();
  const target = targetOf(clientX);
  if (target === head || target === head.nextElementSibling) return;
  send(head.dataset.field, { change: "move", before: target?.dataset.field ?? "" });
}

// The click that ends a drag would sort.
function swallowClick() {
  const swallow = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => document.removeEventListener("click", swallow, { capture: true }));
}

document.addEventListener("pointerup", drop);

document.addEventListener("pointercancel", () => {
  if (held?.isOn) mark(undefined);
  held = null;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !held?.isOn) return;
  mark(undefined);
  delete held.head.dataset.dragged;
  held = null;
  swallowClick();
});
