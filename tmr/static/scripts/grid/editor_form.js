// The form that lies over a cell while it is edited.
export const controlsOf = (form) => [...form.querySelectorAll(".controls > *")];

export const typedValues = (form) => JSON.stringify(controlsOf(form).map((control) => control.value));

export const rowOf = (node) => node.closest("tr[data-id]");

// A date takes its digits one by one.
export const isDatePicker = (control) => ["date", "datetime-local"].includes(control.type);

export function closeEditor(form) {
  const cell = form.parentElement;
  if (!cell) return;
  cell.replaceChildren(...form.previous.childNodes);
  cell.classList.remove("editing", "saving", "unsaved");
}
