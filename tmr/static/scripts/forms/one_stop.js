// Buttons of one sort that stand beside each other, such as those that move lines up and down, are one tab stop: the
// one that had the focus last, at first the present one. The arrow keys go on from it.
const PLACE = "[data-one-stop]";
const STEPS = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

const buttonsOf = (place) => [...place.querySelectorAll(`button[name="${place.dataset.oneStop}"]:enabled`)];

function stopAt(button, buttons) {
  for (const other of buttons) other.tabIndex = other === button ? 0 : -1;
}

// The buttons that a button is one of; none for all others.
function beside(button) {
  const place = button.closest?.(PLACE);
  return place && button.name === place.dataset.oneStop ? buttonsOf(place) : [];
}

document.addEventListener("focusin", ({ target }) => stopAt(target, beside(target)));

document.addEventListener("keydown", (event) => {
  const step = STEPS[event.key];
  const buttons = step ? beside(event.target) : [];
  if (!buttons.length) return;
  event.preventDefault();
  buttons[buttons.indexOf(event.target) + step]?.focus();
});

function start() {
  for (const place of document.querySelectorAll(PLACE)) {
    const buttons = buttonsOf(place);
    if (buttons.some(({ tabIndex }) => tabIndex < 0)) continue;
    stopAt(buttons.find((button) => button.closest("[aria-current], button:focus")) ?? buttons[0], buttons);
  }
}

document.addEventListener("htmx:after:swap", start);
start();
