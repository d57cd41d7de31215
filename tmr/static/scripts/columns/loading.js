// Loads what columns are changed with as soon as someone comes near it: most visits to a list do without.
const PLACES = "[data-grid] thead, .filter:has([data-columns])";
let isLoading = false;

function load({ target }) {
  if (isLoading || !target.closest?.(PLACES)) return;
  isLoading = true;
  const { script } = document.getElementById("record-list").dataset;
  import(script);
}

for (const name of ["pointerover", "focusin"]) document.addEventListener(name, load);
