// A click elsewhere closes an open filter.
document.addEventListener("click", (event) => {
  for (const panel of document.querySelectorAll("details.filter[open]")) {
    if (!panel.contains(event.target)) panel.open = false;
  }
});
