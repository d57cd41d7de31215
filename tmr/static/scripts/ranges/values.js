// What a cell gives away when it is copied: text that people read, and that reads back as the same value.
import { dateText, numberText } from "../forms/local_text.js";

const template = (field) => document.querySelector(`template[data-editor="${CSS.escape(field)}"]`)?.content;

export function cellText(cell) {
  if (cell.dataset.values) return payText(JSON.parse(cell.dataset.values));
  const tags = [...cell.querySelectorAll(".tag")].map((tag) => tag.textContent);
  if (tags.length) return tags.join("; ");
  const { value } = cell.dataset;
  const words = cell.textContent.trim();
  if (!value) return value === "" ? "" : words;
  const control = template(cell.dataset.field)?.querySelector("[name]");
  if (!control) return cell.dataset.fixed === undefined ? value : words;
  if (control.inputMode === "decimal") return numberText(value);
  return control.closest(".dated") ? dateText(value) : optionText(control, value);
}

const optionText = (control, value) =>
  [...(control.options ?? [])].find((option) => option.value === value)?.text ?? value;

// Amounts as plain numbers, so that a spreadsheet can count with one that stands alone.
function payText([low, high, currency, period]) {
  const amounts = low ? [low, high].filter(Boolean).join("-") : high && `up to ${high}`;
  return [amounts, amounts && currency, amounts && period && `per ${period}`].filter(Boolean).join(" ");
}
