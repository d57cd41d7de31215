// Loads what columns are changed with as soon as someone comes near it: most visits to a list do without.
const PLACES = "[data-grid] thead, .filter:has([data-columns])";
let loading = null;
let isLoaded = false;

function load() {
  const { script } = document.getElementById("record-list").dataset;
  loading ??= import(script).then(() => isLoaded = true);
  return loading;
}

for (const name of ["pointerover", "focusin"]) {
  document.addEventListener(name, ({ target }) => target.closest?.(PLACES) && load());
}

// A click that comes first waits, and opens the menu of its column rather than the page that stands for it.
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("th .options");
  if (!link || isLoaded || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  await load();
  link.click();
});
