// Opens an editor in a cell.
import { element } from "../elements.js";
import { localText } from "../forms/local_text.js";
import { closeEditor, controlsOf, rowOf, typedValues } from "./editor_form.js";
import { listenTo, saveEditor } from "./saving.js";

const FIRST_LETTER_MS = 350;
const shell = document.getElementById("cell-editor");

// Edits a cell. `text` replaces what is in it; `letter` was a shortcut and may yet begin a word, in this cell or in
// `wordCell`; `isCleared` empties the cell and saves it.
export function openEditor(cell, { text, letter, wordCell, isCleared } = {}) {
  const template = document.querySelector(`template[data-editor="${CSS.escape(cell.dataset.field)}"]`);
  if (!shell || !template || cell.classList.contains("editing")) return;
  const form = shell.content.firstElementChild.cloneNode(true);
  form.querySelector(".controls").append(template.content.cloneNode(true));
  prepare(form, cell);
  nameControls(form, cell);
  const values = startValues(cell); // before the editor, whose words would count as the cell's
  form.previous = element("span", [...cell.childNodes], { className: "was" }); // holds the column's width
  cell.replaceChildren(form.previous, form);
  cell.classList.add("editing");
  cell.classList.remove("unsaved");
  fill(form, values);
  focusFirst(form, text);
  htmx.process(form);
  if (wordCell) expectStage(form, letter, wordCell);
  else if (letter) expectMore(form, letter);
  if (isCleared) clear(form);
}

// An editor says whose value it edits: “Status, Weißdorn”.
function nameControls(form, cell) {
  const name = cell.parentElement.querySelector("td[data-lead]")?.textContent.trim();
  if (!name || cell.hasAttribute("data-lead")) return;
  for (const control of controlsOf(form)) control.setAttribute("aria-label", `${control.ariaLabel}, ${name}`);
}

function startValues(cell) {
  if (cell.dataset.values) return JSON.parse(cell.dataset.values);
  const tags = [...cell.querySelectorAll(".tag")].map((tag) => tag.textContent);
  return [cell.dataset.value ?? (tags.join("; ") || cell.textContent.trim())];
}

function prepare(form, cell) {
  const list = document.getElementById("record-list");
  const bulk = document.getElementById("bulk");
  const address = `/${list.dataset.kind}/${rowOf(cell).dataset.id}`;
  form.action = address;
  form.setAttribute("hx-post", address);
  form.setAttribute("hx-nonce", bulk.getAttribute("hx-nonce"));
  form.elements.cell.value = cell.dataset.field;
  form.elements.query.value = list.dataset.query;
  form.elements.csrf_token.value = bulk.elements.csrf_token.value;
  listenTo(form);
}

function fill(form, values) {
  controlsOf(form).forEach((control, position) => {
    const value = values[position] ?? "";
    const option = [...(control.options ?? [])].find(({ text }) => text === value); // a cell shows the words
    control.value = option?.value ?? localText(control, value);
  });
  form.startedAs = typedValues(form);
}

function focusFirst(form, replacement) {
  const [first] = controlsOf(form);
  first.focus();
  if (replacement === undefined) {
    first.select?.();
  } else if (first.tagName === "SELECT") {
    const start = replacement.toLowerCase();
    const option = [...first.options].find(({ text }) => text.toLowerCase().startsWith(start));
    if (option) first.value = option.value;
  } else {
    first.value = replacement;
  }
}

// `e` edits, and also begins many words: when more follows at once, it was the first letter of one.
function expectMore(form, letter) {
  const [first] = controlsOf(form);
  const opened = performance.now();
  first.addEventListener("keydown", (event) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || performance.now() - opened > FIRST_LETTER_MS) {
      return;
    }
    if (first.tagName === "INPUT") {
      first.value = letter;
      first.setSelectionRange(1, 1);
    }
  }, { once: true });
}

// `s` opens the stage, and begins words too: what begins no stage's name was a word, meant for the cell before.
function expectStage(form, letter, wordCell) {
  const [stages] = controlsOf(form);
  let letters = "";
  const listener = (event) => {
    const isLetter = /^\p{Ll}$/u.test(event.key) && !event.ctrlKey && !event.metaKey;
    if (!isLetter) return stages.removeEventListener("keydown", listener);
    letters += event.key;
    const isStage = [...stages.options].some(({ text }) => text.toLowerCase().startsWith(letters));
    if (isStage || new Set(letters).size === 1) return;
    event.preventDefault();
    closeEditor(form);
    wordCell.focus();
    openEditor(wordCell, { text: letter + letters });
  };
  stages.addEventListener("keydown", listener);
}

function clear(form) {
  controlsOf(form).forEach((control) => {
    control.value = "";
  });
  saveEditor(form);
}
