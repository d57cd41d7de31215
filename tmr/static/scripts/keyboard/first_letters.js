// In a grid, letters that are shortcuts also begin words: what follows tells which of both was meant.
import { openEditor } from "../grid/editor.js";
import { actionOf, keysOf } from "./keymap.js";

const AT_ONCE_MS = 350;
const PLACE_MS = 1_500;
const isSmallLetter = (key) => /^\p{Ll}$/u.test(key);
// They act on more than the cell, so they wait for what follows.
const heldKeys = new Set(keysOf("page").filter(isSmallLetter));
let held = null; // { cell, keys, timer }
let selected = null; // { cell, at }: the key that has just selected a row

const isGo = (key) => actionOf("page", { key }) === "goTo";
const isSelect = (key) => actionOf("grid", { key }) === "select" && isSmallLetter(key);
const isSetting = (key) => actionOf("grid", { key }) === "setStatus"; // x and s: no word begins so
const placeOf = (key) => document.querySelector(`[data-go="${CSS.escape(key)}"]`);

function stopKey(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

function holdKey(event, cell, keys, time) {
  stopKey(event);
  clearTimeout(held?.timer);
  held = { cell, keys, timer: setTimeout(releaseKeys, time) };
}

// It was a shortcut: shortcuts.js acts on the key that was held back.
function releaseKeys() {
  const { cell, keys, timer } = held;
  clearTimeout(timer);
  held = null;
  if (keys.length > 1) placeOf(keys[1]).click();
  else if (!isGo(keys)) cell.dispatchEvent(new KeyboardEvent("keydown", { key: keys, bubbles: true }));
}

function beginWord(event, cell, text) {
  stopKey(event);
  clearTimeout(held?.timer);
  held = selected = null;
  openEditor(cell, { text });
}

function settleHeld(event, cell) {
  const goesOn = cell === held.cell && isSmallLetter(event.key);
  if (goesOn && isGo(held.keys) && placeOf(event.key)) return holdKey(event, cell, held.keys + event.key, AT_ONCE_MS);
  if (goesOn && event.key !== held.keys) return beginWord(event, cell, held.keys + event.key);
  releaseKeys();
}

document.addEventListener("keydown", (event) => {
  if (!event.isTrusted || event.ctrlKey || event.metaKey || event.altKey) return;
  const cell = event.target.matches?.("td[data-field]") ? event.target : null;
  if (held) {
    settleHeld(event, cell);
    if (event.defaultPrevented) return;
    const hasMoved = cell && document.activeElement !== cell;
    if (hasMoved) return event.stopImmediatePropagation(); // the key goes where the focus is now
  }
  if (!cell) return;
  const { key } = event;
  const isSoon = selected?.cell === cell && performance.now() - selected.at < AT_ONCE_MS;
  if (isSoon && isSmallLetter(key) && key !== selected.key && !isSetting(key)) {
    cell.parentElement.querySelector(".pick input").click();
    return beginWord(event, cell, selected.key + key);
  }
  selected = isSelect(key) && selected?.cell !== cell ? { cell, key, at: performance.now() } : null;
  if (heldKeys.has(key)) holdKey(event, cell, key, isGo(key) ? PLACE_MS : AT_ONCE_MS);
}, true);
