// Shows the bar for the selected cards.
function refresh() {
  const bar = document.getElementById("bulk");
  if (!bar) return;
  const count = document.querySelectorAll(".pick :checked[name=ids]").length;
  bar.classList.toggle("on", count > 0);
  bar.querySelector("[role]").textContent = `${count} selected:`;
}

// Goes on in the bar, where the stage of all selected cards is chosen; false if none is selected.
export function chooseForSelected() {
  const bar = document.querySelector("#bulk.on");
  bar?.elements.value.focus();
  return Boolean(bar);
}

document.addEventListener("change", ({ target }) => {
  if (target.closest(".pick")) refresh();
});
document.addEventListener("htmx:after:swap", refresh);
refresh();
