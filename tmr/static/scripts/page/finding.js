// The button of a form that finds or adds says which of the two it does.
const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").trim().toLowerCase();

document.addEventListener("input", ({ target }) => {
  const form = target.form;
  const button = form?.querySelector("[data-finds]");
  const name = form?.querySelector("[data-find]");
  if (!button || !name) return;
  const others = [...form.querySelectorAll("input:not([type=hidden], [data-find]), select:not([name=add]), textarea")];
  const isThere = [...(name.list?.options ?? [])].some(({ value }) => fold(value) === fold(name.value));
  button.textContent = isThere && others.every((control) => !control.value) ? "Link" : "Add";
});
