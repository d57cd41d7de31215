// Keyboard shortcuts of every page. None fires while a person types in a field.
const list = [
  ["↑ ↓ ← →", "Move in the grid"], ["Enter, F2, e", "Edit the cell"], ["Any other key", "Edit, replacing what is there"],
  ["Esc", "Leave the cell as it was"], ["Tab", "Save and move on"], ["Enter", "Save and move down"], ["Ctrl Enter", "Open the record"], ["↓", "From the search to the grid"],
  ["n", "New record of the page, else application"], ["/", "Search"], ["x", "Select the row"], ["s", "Set the status"],
  ["Delete", "Delete the selected rows, else empty the cell"], ["u", "Undo"], ["Shift ← →, s", "On the board: move the card, choose its stage"], ["d, z", "On Today: done, put off"], ["g h", "Go to Today"],
  ["g a, c, i, t, f, d", "Go to applications, contacts, interviews, tasks, offers, documents"], ["g b, k, n", "Go to the board, calendar, insights"],
  ["g m, p", "Go to import, settings"], ["Ctrl K", "Go anywhere"], ["?", "This list"],
];
let waitsForPlace = 0;

const isTyping = (target) => target.closest?.("input:not([type=checkbox]), select, textarea, [contenteditable]");

const go = (key) => document.querySelector(`[data-go="${CSS.escape(key)}"]`)?.click();

const element = (name, content, className = "") => {
  const made = document.createElement(name);
  made.append(...[content].flat());
  made.className = className;
  return made;
};

function showHelp() {
  const rows = list.map(([keys, what]) => element("div", [element("dt", element("kbd", keys)), element("dd", what)]));
  const form = element("form", element("button", "Close", "btn"));
  form.method = "dialog";
  const dialog = element("dialog", [element("h2", "Keyboard shortcuts"), element("dl", rows, "keys"), form]);
  dialog.setAttribute("aria-label", "Keyboard shortcuts");
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

const actions = {
  "?": showHelp,
  "/": () => document.getElementById("search")?.focus(),
  n: () => (document.querySelector("[data-new]") ?? document.querySelector('.bar [href$="new=1"]'))?.click(),
  u: () => document.querySelector("[data-undo]")?.requestSubmit(),
  g: () => { waitsForPlace = Date.now(); },
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (waitsForPlace && Date.now() - waitsForPlace < 1500) {
    waitsForPlace = 0;
    event.preventDefault();
    go(event.key);
    return;
  }
  const action = actions[event.key];
  if (!action) return;
  event.preventDefault();
  action();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-help]")) showHelp();
});
