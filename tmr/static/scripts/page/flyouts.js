// What opens beside its button closes again on Escape and on a click elsewhere; only one is open.
const openOnes = () => [...document.querySelectorAll(".flyout[open]")];

document.addEventListener("click", (event) => {
  for (const flyout of openOnes()) {
    if (!flyout.contains(event.target)) flyout.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const flyout = openOnes().at(-1);
  if (!flyout) return;
  const isInside = flyout.contains(document.activeElement);
  flyout.open = false;
  if (isInside) flyout.querySelector("summary").focus();
});

// A form that was sent has done its work.
document.addEventListener("htmx:before:request", (event) => {
  const flyout = event.target.closest?.(".flyout");
  if (flyout && event.target.matches("a")) flyout.open = false;
});
