// Opens an editor in a cell.
import { element } from "../elements.js";
import { localText } from "../forms/local_text.js";
import { controlsOf, rowOf, typedValues } from "./editor_form.js";
import { listenTo, saveEditor } from "./saving.js";

const shell = document.getElementById("cell-editor");

// Edits a cell. `text` replaces what is in it; `letter` was a shortcut and may yet begin a word; `other` is what was
// meant if the letters before it were shortcuts; `isCleared` empties the cell and saves it.
export function openEditor(cell, { text, letter, other, isCleared } = {}) {
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
  if (letter) expectMore(form, letter);
  if (other) offerWithout(form, text.slice(0, -other.length));
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

// `e` edits, and also begins many words: a small letter that comes next goes on with one.
function expectMore(form, letter) {
  const [first] = controlsOf(form);
  first.addEventListener("keydown", (event) => {
    if (first.tagName !== "INPUT" || !/^\p{Ll}$/u.test(event.key) || event.ctrlKey || event.metaKey) return;
    first.value = letter;
    first.setSelectionRange(1, 1);
    offerWithout(form, letter);
  }, { once: true });
}

// Says how to leave out letters that were shortcuts after all, and does so.
function offerWithout(form, letters) {
  const [first] = controlsOf(form);
  const hint = element("p", `Press ↓ to leave out “${letters}”.`, { className: "aside" });
  hint.setAttribute("role", "status");
  form.append(hint);
  first.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" || event.altKey || !hint.isConnected) return;
    event.preventDefault();
    if (first.value.startsWith(letters)) first.value = first.value.slice(letters.length);
    hint.remove();
  });
}

function clear(form) {
  controlsOf(form).forEach((control) => {
    control.value = "";
  });
  saveEditor(form);
}
