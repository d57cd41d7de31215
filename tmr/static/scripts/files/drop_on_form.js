// Files can be dropped onto their form.
for (const form of document.querySelectorAll(".drop")) {
  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    form.querySelector("[type=file]").files = event.dataTransfer.files;
    form.requestSubmit();
  });
}
