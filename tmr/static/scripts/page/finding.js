// The button of a form that finds or adds says which of the two it does.
const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").trim().toLowerCase();

document.addEventListener("input", ({ target }) => {
  const form = target.form;
  const button = form?.querySelector("[data-finds]");
  const name = form?.querySelector("[data-find]");
  if (!button || !name) return;
  if (target === name) form.elements.add?.closest(".field").remove(); // it asked about another name
  button.textContent = isFinding(form, name) ? "Link" : "Add";
});

function isFinding(form, name) {
  if (form.elements.add) return form.elements.add.value !== "new";
  const others = [...form.querySelectorAll("input:not([type=hidden], [data-find]), select, textarea")];
  const isThere = [...(name.list?.options ?? [])].some(({ value }) => fold(value) === fold(name.value));
  return isThere && others.every((control) => !control.value);
}
