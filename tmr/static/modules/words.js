// In a grid, letters that are shortcuts also begin words: what follows tells which of both was meant.
const AT_ONCE = 350;
const HELD = { n: AT_ONCE, u: AT_ONCE, g: 1500 }; // these act on more than the cell, so they wait for what follows
let held = null; // { cell, keys, timer }
let picked = null; // { cell, at }: the x that has just selected a row

const isSmallLetter = (key) => /^\p{Ll}$/u.test(key);
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
  else if (keys !== "g") cell.dispatchEvent(new KeyboardEvent("keydown", { key: keys, bubbles: true }));
}

function beginWord(event, cell, text) {
  stopKey(event);
  clearTimeout(held?.timer);
  held = picked = null;
  cell.dispatchEvent(new CustomEvent("tmr:edit", { bubbles: true, detail: { text } }));
}

document.addEventListener("keydown", (event) => {
  if (!event.isTrusted || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  const cell = event.target.matches?.("td[data-field]") ? event.target : null;
  const isNext = isSmallLetter(event.key);
  if (held) {
    const isWord = cell === held.cell && isNext;
    if (isWord && held.keys === "g" && placeOf(event.key)) return holdKey(event, cell, `g${event.key}`, AT_ONCE);
    if (isWord && event.key !== held.keys) return beginWord(event, cell, held.keys + event.key);
    releaseKeys();
    if (cell && document.activeElement !== cell) return event.stopImmediatePropagation(); // it goes where the focus is now
  }
  if (!cell) return;
  if (picked?.cell === cell && isNext && event.key !== "x" && performance.now() - picked.at < AT_ONCE) {
    cell.parentElement.querySelector(".pick input").click();
    return beginWord(event, cell, `x${event.key}`);
  }
  picked = event.key === "x" && picked?.cell !== cell ? { cell, at: performance.now() } : null;
  if (HELD[event.key]) holdKey(event, cell, event.key, HELD[event.key]);
}, true);
