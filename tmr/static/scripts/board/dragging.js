// Cards can be dragged from column to column.
import { openColumns } from "./columns.js";
import { saveMove } from "./moves.js";

const ANIMATION_MS = 120;
const TOUCH_DELAY_MS = 180; // a finger that moves sooner scrolls

export function makeDraggable() {
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  for (const column of openColumns()) {
    Sortable.create(column, {
      group: "board",
      animation: isStill ? 0 : ANIMATION_MS,
      draggable: ".card",
      filter: "input",
      preventOnFilter: false,
      delay: TOUCH_DELAY_MS,
      delayOnTouchOnly: true,
      scroll: true,
      forceAutoScrollFallback: true,
      scrollSensitivity: 60,
      bubbleScroll: true,
      sort: false,
      onStart: ({ item }) => {
        item.before = item.nextElementSibling;
      },
      onEnd: ({ item, to, from }) => {
        saveMove(item, to, from, item.before);
        item.focus({ preventScroll: true });
      },
    });
  }
}
