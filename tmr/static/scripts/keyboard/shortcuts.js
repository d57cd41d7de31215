// Shortcuts of every page. None works while a person types in a field.
import { showHelp } from "./help.js";
import { actionOf } from "./keymap.js";
import { isTyping } from "./typing.js";

const GO_MS = 1_500; // so long the key that names a place may take
let goSince = null;

const goTo = (key) => document.querySelector(`[data-go="${CSS.escape(key)}"]`)?.click();

const actions = {
  help: showHelp,
  search: () => document.getElementById("search")?.focus(),
  new: () => (document.querySelector("[data-new]") ?? document.querySelector('.bar [href$="new=1"]'))?.click(),
  undo: () => document.querySelector("[data-undo]")?.requestSubmit(),
  goTo: () => {
    goSince = Date.now();
  },
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]") || event.key === "Shift") return;
  if (goSince && Date.now() - goSince < GO_MS) {
    goSince = null;
    event.preventDefault();
    goTo(event.key);
    return;
  }
  const action = actions[actionOf("page", event)];
  if (!action) return;
  event.preventDefault();
  action();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-help]")) showHelp();
});
