// Moves about the grid by keyboard, after the ARIA grid pattern: one cell is in the tab order at a time.
document.documentElement.classList.add("js");
let current = null; // { row: element id, field: name }

const cells = (row) => [...row.querySelectorAll("td[data-field]")];
const rows = () => [...document.querySelectorAll("#record-rows > tr")];
const find = (place) => place && document.getElementById(place.row)?.querySelector(`td[data-field="${CSS.escape(place.field)}"]`);

function enhance() {
  const table = document.querySelector("table[data-grid]");
  if (!table) return;
  table.setAttribute("role", "grid");
  for (const cell of table.querySelectorAll("td[data-field]:not([tabindex])")) cell.tabIndex = -1;
  const labels = Object.fromEntries([...table.querySelectorAll("th[class^=c-]")].map((th) => [th.className.slice(2), th.textContent.trim()]));
  for (const cell of table.querySelectorAll("td[data-field]")) cell.dataset.label = labels[cell.dataset.field];
  for (const inner of table.querySelectorAll("tbody :is(a, .pick input):not([tabindex])")) inner.tabIndex = -1;
  const cell = find(current) ?? table.querySelector("td[data-field]");
  if (cell) point(cell);
}

function point(cell) {
  for (const other of document.querySelectorAll("td[data-field][tabindex='0']")) other.tabIndex = -1;
  cell.tabIndex = 0;
  current = { row: cell.parentElement.id, field: cell.dataset.field };
}

function focus(cell) {
  point(cell);
  cell.focus();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function step(cell, down, right) {
  const all = rows();
  const line = cells(cell.parentElement);
  const row = all[Math.min(Math.max(all.indexOf(cell.parentElement) + down, 0), all.length - 1)];
  const column = Math.min(Math.max(line.indexOf(cell) + right, 0), line.length - 1);
  return cells(row)[column];
}

function beyond(cell, right) {
  const all = rows();
  const line = cells(cell.parentElement);
  const column = line.indexOf(cell) + right;
  if (column >= 0 && column < line.length) return line[column];
  const row = all[all.indexOf(cell.parentElement) + right];
  return row ? cells(row).at(right > 0 ? 0 : -1) : cell;
}

const edit = (cell, text, more) =>
  cell.dispatchEvent(new CustomEvent("tmr:edit", { bubbles: true, detail: { text, ...more } }));
const pick = (cell) => {
  const box = cell.parentElement.querySelector(".pick input");
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
};

const keys = {
  ArrowUp: (cell) => focus(step(cell, -1, 0)),
  ArrowDown: (cell) => focus(step(cell, 1, 0)),
  ArrowLeft: (cell) => focus(step(cell, 0, -1)),
  ArrowRight: (cell) => focus(step(cell, 0, 1)),
  PageUp: (cell) => focus(step(cell, -10, 0)),
  PageDown: (cell) => focus(step(cell, 10, 0)),
  Home: (cell) => focus(cells(cell.parentElement)[0]),
  End: (cell) => focus(cells(cell.parentElement).at(-1)),
  Enter: (cell) => edit(cell),
  F2: (cell) => edit(cell),
  e: (cell) => edit(cell, undefined, { letter: "e" }),
  x: pick,
  " ": pick,
  s: (cell) => {
    const status = cell.parentElement.querySelector("td[data-field=status]");
    if (!status) return;
    focus(status);
    edit(status, undefined, status === cell ? {} : { from: cell });
  },
  Delete: (cell) => remove(cell),
  Backspace: (cell) => remove(cell),
};

const elsewhere = new Set(["?", "/", "n", "u", "g"]); // shortcuts of every page

function remove(cell) {
  const form = document.getElementById("bulk");
  if (!document.querySelector(".pick :checked[name=ids]")) return edit(cell, undefined, { clear: true });
  current = { ...current, row: step(cell, 1, 0).parentElement.id };
  form.requestSubmit(form.querySelector("[value=delete]"));
}

document.addEventListener("keydown", (event) => {
  const cell = event.target.matches?.("td[data-field]") ? event.target : null;
  if (!cell || event.isComposing || event.altKey) return;
  if (event.ctrlKey || event.metaKey) return jump(event, cell);
  const action = keys[event.key];
  if (action) {
    event.preventDefault();
    action(cell);
  } else if (event.key.length === 1 && !elsewhere.has(event.key)) {
    edit(cell, event.key);
    const isPicked = ["date", "datetime-local"].includes(document.activeElement.type);
    if (!isPicked) event.preventDefault(); // a date takes its digits one by one
  }
});

// From anywhere on the page, and from a search, the grid is one key away.
document.addEventListener("keydown", (event) => {
  const isOutside = event.target === document.body || event.target.matches("#search, #main, [data-new]");
  const cell = find(current) ?? document.querySelector("td[data-field]");
  if (event.key !== "ArrowDown" || !isOutside || !cell || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  focus(cell);
});

function jump(event, cell) {
  const all = rows();
  if (event.key === "Enter") return cell.parentElement.querySelector("td[data-field] a").click();
  const place = { Home: () => cells(all[0])[0], End: () => cells(all.at(-1)).at(-1) }[event.key];
  if (!place || !cell) return;
  event.preventDefault();
  focus(place());
}

document.addEventListener("tmr:leave", (event) => {
  const { down, right } = event.detail;
  focus(right ? beyond(event.target, right) : step(event.target, down, 0));
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.("td[data-field]")) point(event.target);
});

document.addEventListener("dblclick", (event) => {
  const cell = event.target.closest?.("td[data-field]");
  if (cell && !event.target.closest("a, .editor")) edit(cell);
});

document.addEventListener("click", (event) => {
  const cell = event.target.closest?.("td[data-field]");
  if (cell && matchMedia("(pointer: coarse)").matches && !event.target.closest("a, .editor")) {
    edit(cell);
    const controls = cell.querySelectorAll(".controls > *");
    if (controls.length === 1 && controls[0].tagName === "SELECT") controls[0].showPicker?.();
  }
});

document.addEventListener("htmx:after:swap", () => {
  const hadFocus = document.activeElement === document.body;
  enhance();
  if (hadFocus && current) find(current)?.focus({ preventScroll: true });
});

enhance();
