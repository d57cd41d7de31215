// What a key does on the box of a row: as on a cell, it deletes the selected rows, or else this one.
const isAnyPicked = () => document.querySelector(".pick :checked[name=ids]");

document.addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (!["Delete", "Backspace"].includes(key) || !target.matches?.("[data-grid] .pick input")) return;
  event.preventDefault();
  if (!isAnyPicked() && target.name === "ids") target.click();
  if (isAnyPicked()) document.querySelector("#bulk [value=delete]").click();
});
