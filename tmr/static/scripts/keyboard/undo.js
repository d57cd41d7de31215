// Undo and redo by Ctrl Z, on every page and after a reload too. In a field these keys belong to the text.
import { actionOf } from "./keymap.js";
import { isTyping } from "./typing.js";

// What was just done may still be under way: else the change before it would be undone.
const isSaving = () => document.querySelector(".saving, form.htmx-request[method=post]");
const waiting = [];

document.addEventListener(
  "htmx:finally:request",
  () => setTimeout(() => !isSaving() && waiting.length && send(waiting.shift())),
);

// The message of the change that was just made knows its place on the page; else the last change of all is meant.
function send(verb) {
  if (isSaving()) return waiting.push(verb);
  const last = document.querySelector(`form[data-last=${verb}]`);
  if (!last) return;
  last.elements.back.value = location.pathname + location.search;
  (document.querySelector(`form[data-${verb}]`) ?? last).requestSubmit();
}

function verbOf(event) {
  const action = actionOf("anywhere", event);
  if (action === "undo" && event.shiftKey) return "redo"; // with Caps Lock, or on a Mac, the letter stays small
  return action === "undo" || action === "redo" ? action : null;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const verb = verbOf(event);
  if (!verb) return;
  event.preventDefault();
  send(verb);
});
