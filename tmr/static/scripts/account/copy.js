// A button with data-copy copies the text of what it names, line by line.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (!button) return;
  const codes = [...document.querySelectorAll(`${button.dataset.copy} code`)];
  try {
    await navigator.clipboard.writeText(codes.map((code) => code.textContent).join("\n"));
    button.textContent = "Copied";
  } catch {
    button.textContent = "Couldn’t copy: select the text instead";
  }
});
