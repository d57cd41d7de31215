// A record that is opened from a list that is narrowed or sorted knows that list, for its previous and next.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#record-rows td[data-lead] a");
  const query = document.getElementById("record-list")?.dataset.query;
  if (link && query && !link.search) link.search = new URLSearchParams({ from: query });
}, true);
