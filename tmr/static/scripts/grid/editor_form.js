// The form that lies over a cell while it is edited.
export const controlsOf = (form) => [...form.querySelectorAll(".controls [name]")];

export const typedValues = (form) => JSON.stringify(controlsOf(form).map((control) => control.value));

export const rowOf = (node) => node.closest("tr[data-id]");

export function closeEditor(form) {
  const cell = form.parentElement;
  if (!cell) return;
  cell.replaceChildren(...form.previous.childNodes);
  cell.classList.remove("editing", "saving", "unsaved");
}
