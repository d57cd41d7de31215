// What opens at its button closes again: what lies over the page by Escape and by a click elsewhere, what folds out in
// it by Escape inside it. The focus goes back to the button. A menu of popovers does so by itself.
const OVER = ".flyout, .filter, .line-menu";
const openOnes = () => [...document.querySelectorAll(`:is(${OVER})[open]`)];

document.addEventListener("click", ({ target }) => {
  for (const panel of openOnes()) {
    const isChosen = target.closest?.(".line-menu .items label");
    if (isChosen || !panel.contains(target)) panel.open = false;
  }
});

// What else Escape does where the focus is comes first: it leaves an editor, or closes a list of choices.
const isTaken = ({ target }) => target.closest?.("[data-property-form], .editor, :popover-open, dialog");

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || isTaken(event)) return;
  const panel = event.target.closest?.("details[open]") ?? openOnes().at(-1);
  if (!panel) return;
  event.preventDefault();
  panel.open = false;
  panel.querySelector("summary").focus();
});

// A panel that would reach beyond the window opens to the other side.
document.addEventListener("toggle", ({ target }) => {
  if (!target.matches?.(".filter")) return;
  target.classList.remove("at-end");
  const edge = target.querySelector(".panel").getBoundingClientRect().right;
  target.classList.toggle("at-end", target.open && edge > document.documentElement.clientWidth);
}, true);

// What comes open to be filled in has the focus.
document.addEventListener("toggle", ({ target }) => {
  if (
    !target.matches?.(".adding[open], .reschedule[open]") || target.contains(document.activeElement?.closest("form"))
  ) return;
  target.querySelector("input:not([type=hidden]), select, textarea")?.focus({ preventScroll: true });
}, true);

// A form that was sent has done its work.
document.addEventListener("htmx:before:request", (event) => {
  const flyout = event.target.closest?.(".flyout");
  if (flyout && event.target.matches("a")) flyout.open = false;
});
