// The arrow keys turn the pages of the calendar.
import { actionOf } from "../keyboard/keymap.js";

document.addEventListener("keydown", (event) => {
  if (event.target !== document.body || event.ctrlKey || event.metaKey) return;
  if (actionOf("calendar", event) !== "turn") return;
  document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
});
