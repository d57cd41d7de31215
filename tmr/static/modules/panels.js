// Files can be dropped onto their form; a click elsewhere closes an open panel.
for (const zone of document.querySelectorAll(".drop")) {
  zone.addEventListener("dragover", (event) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    zone.querySelector("[type=file]").files = event.dataTransfer.files;
    zone.requestSubmit();
  });
}

document.addEventListener("click", (event) => {
  for (const panel of document.querySelectorAll("details.filter[open]")) {
    if (!panel.contains(event.target)) panel.open = false;
  }
});
