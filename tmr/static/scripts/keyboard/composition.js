// Keys that an input method takes while it composes a word (Japanese, Chinese, Korean) act on that word and on nothing
// else. This hears each key first, so that no other script needs to ask.
const OF_AN_INPUT_METHOD = 229; // Safari ends the composition before the key that ended it: only this code is left
const ENDS_A_WORD = new Set(["Enter", "Escape", "Tab"]);

globalThis.addEventListener("keydown", (event) => {
  if (!event.isComposing && event.keyCode !== OF_AN_INPUT_METHOD) return;
  event.stopImmediatePropagation();
  if (ENDS_A_WORD.has(event.key)) event.preventDefault(); // the browser would submit the form, or close the dialog
}, true);
