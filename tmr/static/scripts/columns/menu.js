// The menu of a column opens below its head, and is asked for then: without a script it is a page.
import { element } from "../elements.js";
import { headOf, widths } from "./table.js";

const GAP = 2;
const box = element("div", [], { id: "column-menu", popover: "auto" });
let opener = null;
box.setAttribute("role", "dialog");
document.body.append(box);

const stops = () => [...box.querySelectorAll("a[href], button:not([tabindex]), input:not([type=hidden])")];

function place() {
  const head = opener.getBoundingClientRect();
  const { width, height } = box.getBoundingClientRect();
  box.style.left = `${Math.max(Math.min(head.left, innerWidth - width - 8), 8)}px`;
  box.style.top = `${Math.max(Math.min(head.bottom + GAP, innerHeight - height - 8), 8)}px`;
}

// Someone who went on meanwhile, such as to another column, is left alone.
async function open(link) {
  opener = headOf(link);
  box.replaceChildren();
  await htmx.ajax("GET", link.getAttribute("href"), { target: box, swap: "innerHTML", source: link });
  if (document.activeElement !== link || !box.childElementCount) return;
  box.setAttribute("aria-label", link.ariaLabel);
  box.showPopover();
  place();
  stops()[0]?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("th .options");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  link.focus(); // where the focus is when the menu closes
  open(link);
});

document.addEventListener("htmx:before:swap", (event) => {
  const { sourceElement, target } = event.detail.ctx;
  if (target === box && headOf(sourceElement) !== opener) event.preventDefault();
});

box.addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || event.altKey || event.target.matches("[type=radio]")) return;
  event.preventDefault();
  const all = stops();
  all[(all.indexOf(event.target) + by + all.length) % all.length].focus();
});

// The widths that the columns have now: if one is set, the others keep theirs.
box.addEventListener("submit", ({ target }) => {
  if (!target.elements.widths) return;
  target.elements.widths.value = widths();
  box.hidePopover();
}, true);
