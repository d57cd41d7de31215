// The arrows of the panel move a column up and down in its list at once; it is saved with the rest of the panel.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-columns] [name=move]");
  if (!button) return;
  event.preventDefault();
  const line = button.closest("li");
  if (button.value.endsWith(".up")) line.previousElementSibling?.before(line);
  else line.nextElementSibling?.after(line);
  button.focus();
  button.scrollIntoView({ block: "nearest" });
});
