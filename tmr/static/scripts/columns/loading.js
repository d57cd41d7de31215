// Loads what columns are changed with as soon as someone comes near it: most visits to a list do without.
const PLACES = "[data-grid] thead, .filter:has([data-columns])";
let loading = null;
let isLoaded = false;

function load() {
  const { script } = document.getElementById("record-list").dataset;
  loading ??= import(script).then(() => isLoaded = true, () => loading = null);
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
  link.focus();
  await load();
  if (!isLoaded) location.assign(link.href);
  else if (document.activeElement === link) link.click(); // or someone went on meanwhile
});

// So does a key that goes from head to head.
document.addEventListener("keydown", async (event) => {
  if (isLoaded || event.ctrlKey || event.metaKey || !/^(Arrow|Home|End)/.test(event.key) || !isAtHead()) return;
  event.preventDefault();
  await load();
  if (isLoaded && isAtHead()) document.activeElement.dispatchEvent(new KeyboardEvent("keydown", event));
});

const isAtHead = () => document.activeElement.matches("[data-grid] thead a");
