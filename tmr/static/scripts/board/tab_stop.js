// All cards are one tab stop: the card that had the focus last, and the arrow keys go on from it.
function stopAt(card) {
  for (const other of document.querySelectorAll("#board li.card[tabindex='0']")) other.tabIndex = -1;
  card.tabIndex = 0;
}

export function makeOneTabStop() {
  // What is inside a card has keys of its own: Enter opens it, x selects it, s moves it.
  for (const inner of document.querySelectorAll("#board li.card :is(a, input, button)")) inner.tabIndex = -1;
  const first = document.querySelector("#board li.card");
  if (first) stopAt(first);
  document.addEventListener("focusin", ({ target }) => {
    const card = target.closest?.("#board li.card");
    if (card) stopAt(card);
  });
}
