// A button with data-copy copies the text of what it names, line by line.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const lines = [...document.querySelectorAll(`${button.dataset.copy} code`)].map((one) => one.textContent);
  try {
    await navigator.clipboard.writeText(lines.join("\n"));
    button.textContent = "Copied";
  } catch {
    button.textContent = "Not copied: select them instead";
  }
});
