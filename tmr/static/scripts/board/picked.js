// Shows the bar for the selected cards.
function refresh() {
  const bar = document.getElementById("bulk");
  if (!bar) return;
  const count = document.querySelectorAll(".pick :checked[name=ids]").length;
  bar.classList.toggle("on", count > 0);
  bar.querySelector("[role]").textContent = `${count} selected:`;
}

document.addEventListener("change", ({ target }) => {
  if (target.closest(".pick")) refresh();
});
document.addEventListener("htmx:after:swap", refresh);
refresh();
