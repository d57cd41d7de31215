// The columns of the board, their cards, and how one goes from card to card.
export const columns = () => [...document.querySelectorAll("#board ol[data-status]")];

// Columns of retired stages show their cards, and take none.
export const openColumns = () => columns().filter((column) => !("retired" in column.dataset));

export function showCounts() {
  const counts = Object.fromEntries(
    columns().map(({ dataset, children }) => [dataset.status, children.length + Number(dataset.beyond)]),
  );
  for (const count of document.querySelectorAll("#board [data-count]")) count.textContent = counts[count.dataset.count];
}

export function placeCard(card, column, before) {
  column.insertBefore(card, before);
  showCounts();
}

// The open column so many to the right of a card's.
export function columnBeside(card, by) {
  const open = openColumns();
  return open[Math.min(Math.max(open.indexOf(card.parentElement) + by, 0), open.length - 1)];
}

export function focusAbove(card) {
  card.previousElementSibling?.focus();
}

export function focusBelow(card) {
  card.nextElementSibling?.focus();
}

// The card at the same height in the next column that has any.
export function focusBeside(card, by) {
  const column = card.parentElement;
  const filled = columns().filter((other) => other.children.length);
  const cards = filled[filled.indexOf(column) + by]?.children;
  const row = [...column.children].indexOf(card);
  cards?.[Math.min(row, cards.length - 1)]?.focus();
}
