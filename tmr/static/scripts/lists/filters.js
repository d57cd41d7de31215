// A click elsewhere closes an open filter.
document.addEventListener("click", (event) => {
  for (const panel of document.querySelectorAll("details.filter[open]")) {
    if (!panel.contains(event.target)) panel.open = false;
  }
});

// A panel that would reach beyond the window opens to the other side.
document.addEventListener("toggle", ({ target }) => {
  if (!target.matches?.("details.filter")) return;
  target.classList.remove("at-end");
  const edge = target.querySelector(".panel").getBoundingClientRect().right;
  target.classList.toggle("at-end", target.open && edge > document.documentElement.clientWidth);
}, true);
