// Writes a stored value as the person's place does, in English words, as the server does in its forms.
const place = () => document.documentElement.dataset.locale ?? "en-GB";
const DAY = { dateStyle: "medium" };
const MOMENT = { ...DAY, timeStyle: "short" };

// A day, or a day and a time: “24 Nov 2026, 14:30” for “2026-11-24T14:30”. Every month has three letters.
export function dateText(iso) {
  const hasTime = iso.length > 10;
  const moment = new Date(hasTime ? iso : `${iso}T00:00`);
  const parts = new Intl.DateTimeFormat(place(), hasTime ? MOMENT : DAY).formatToParts(moment);
  return parts.map(({ type, value }) => (type === "month" ? value.slice(0, 3) : value)).join("");
}

export const numberText = (text) => Number(text).toLocaleString(place(), { maximumFractionDigits: 2 });

// What a control shows of a stored value.
export function localText(control, value) {
  if (!value) return value;
  if (control.inputMode === "decimal") return numberText(value);
  if (!control.closest(".dated")) return value;
  control.dataset.value = value;
  control.defaultValue = dateText(value);
  return control.defaultValue;
}
