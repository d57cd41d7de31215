// Puts what an answer says of the list in place: rows that changed, came or went, and the figures around them.

// As in cells.js, which keeps the place of the focus and cannot run twice.
const rows = () => [...document.querySelectorAll("#record-rows > tr[data-id]")];
const cellIn = (row, field) => [...row.cells].find(({ dataset }) => dataset.field === field) ?? null;

const table = () => document.querySelector("table[data-grid]");
const named = (id) => document.getElementById(id);
const headings = () => [...table().tHead.querySelectorAll("th[data-field]")];

const isOpen = (cell) => cell.matches(".editing, .saving, .unsaved");

// The cells of a row take the place of those here; one that is not saved yet stays.
function renew(old, row) {
  old.dataset.version = row.dataset.version;
  for (const cell of [...row.querySelectorAll("td[data-field]")]) {
    const there = cellIn(old, cell.dataset.field);
    if (!there || isOpen(there) || there.outerHTML === cell.outerHTML) continue;
    const hasFocus = there.querySelector("button:focus");
    there.replaceWith(cell);
    if (hasFocus) cell.lastChild.focus();
  }
}

// The head of the group that a row stands in.
function groupOf(row) {
  let at = row;
  while (at && !at.matches(".group")) at = at.previousElementSibling;
  return at?.firstElementChild.id;
}

// Puts a row or a head after the one that is before it in the order of the list; one that stands in another group by
// now, because no edit moves a row, is passed over. Returns whether there is such a place.
function insert(row, [after, head]) {
  const before = named(after)?.closest("tr");
  const group = named(head)?.closest("tr");
  if (head ? !group : after && !before) return false;
  if (!after) table().tBodies[0].prepend(row);
  else (head && groupOf(before) !== head ? group : before).after(row);
  return true;
}

// A row that comes has the columns that this page shows, in their order.
function arrange(row) {
  if (row.matches(".group")) {
    row.firstElementChild.colSpan = headings().length + 1;
    return;
  }
  const cells = headings().map(({ dataset }) => cellIn(row, dataset.field)).filter(Boolean);
  row.replaceChildren(row.firstElementChild, ...cells);
  row.dataset.added = "";
}

// Takes rows out; returns the cell that takes over from the one that Tab reached, if its row is among them.
function takeOut(gone) {
  const stop = document.querySelector("#record-rows td[tabindex='0']");
  const all = rows();
  const at = all.indexOf(stop?.parentElement);
  const isLeft = (row) => !gone.includes(row);
  const next = gone.includes(all[at]) ? all.slice(at).find(isLeft) ?? all.slice(0, at).findLast(isLeft) : null;
  for (const row of gone) row.remove();
  return next && cellIn(next, stop.dataset.field);
}

// A head comes with its first row: one whose rows all stand in other groups by now would have nothing below it.
function placeRows({ content, dataset }) {
  const places = JSON.parse(dataset.places);
  const gone = dataset.gone.split(" ").map((id) => document.querySelector(`#record-rows > tr[data-id="${id}"]`));
  const leaving = gone.filter((row) => row && ![...row.cells].some(isOpen));
  for (const row of document.querySelectorAll("tr[data-added]")) delete row.dataset.added;
  let isComplete = true;
  let added = null;
  for (const row of [...content.children]) {
    const id = row.id || row.firstElementChild.id;
    const old = named(id)?.closest("tr");
    if (old) {
      if (row.id && old.dataset.version !== row.dataset.version) renew(old, row);
    } else if (places[id] && (row.id || !named(row.nextElementSibling.id))) {
      arrange(row);
      isComplete &&= insert(row, places[id]);
      added ??= row.id ? cellIn(row, headings()[0].dataset.field) : null;
    }
  }
  return { isComplete, cell: takeOut(leaving) ?? added };
}

function placeFigures({ content, dataset }) {
  const counts = JSON.parse(dataset.groups);
  for (const head of document.querySelectorAll("#record-rows > .group")) {
    const { id } = head.firstElementChild;
    head.querySelector("small").textContent = counts[id] ?? "0";
    if (!counts[id] && !head.nextElementSibling?.dataset.id) head.remove();
  }
  table().setAttribute("aria-rowcount", Number(dataset.matching) + 1);
  document.querySelector("#record-list > .foot").replaceWith(content.firstElementChild);
}

// Totals that were asked for, because the list is long, are asked for again.
function placeTotals(template) {
  const [old, totals] = [table().tFoot, template?.content.firstElementChild];
  const link = (totals ?? old)?.querySelector("a");
  if (!old || (template && !totals)) return;
  if (!old.querySelector("[hx-get]") && (!totals || link.matches("[hx-get]"))) {
    const source = document.querySelector("#record-list a"); // or all fields of the list would be sent as well
    htmx.ajax("GET", link.getAttribute("href"), { target: old, swap: "outerHTML", source });
  } else if (totals) {
    link.setAttribute("hx-nonce", document.getElementById("bulk").getAttribute("hx-nonce"));
    old.replaceWith(totals);
    htmx.process(totals);
  }
}

// Returns whether all could be put in place, and the cell that is the one to go on from, if that is another one now.
export function putInPlace(changes) {
  const [changed, foot, totals] = ["rows", "foot", "totals"].map((name) => changes.querySelector(`[data-${name}]`));
  if (!table()) return { isComplete: false };
  const placed = placeRows(changed);
  if (foot) placeFigures(foot);
  placeTotals(totals);
  return { ...placed, isComplete: placed.isComplete && rows().length > 0 };
}
