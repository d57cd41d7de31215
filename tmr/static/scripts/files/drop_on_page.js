// A file that is dropped anywhere on an application's page becomes one of its documents.
const form = () => document.getElementById("new-document-form");
const hasFiles = (event) => event.dataTransfer?.types.includes("Files") && page() && form();
const page = () => document.querySelector("[data-record]");

document.addEventListener("dragover", (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  page().classList.add("dropping");
});

document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) page()?.classList.remove("dropping");
});

document.addEventListener("drop", (event) => {
  if (!hasFiles(event) || event.defaultPrevented) return;
  event.preventDefault();
  page().classList.remove("dropping");
  form().closest("details").open = true;
  form().querySelector("[type=file]").files = event.dataTransfer.files;
  form().requestSubmit();
});
