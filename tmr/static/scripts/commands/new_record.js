// `n` in a cell opens the form of a new record at once. Small letters that follow directly may be a word for the cell:
// while nothing else is in the form, Enter writes it there, and the form says so.
import { element } from "../elements.js";
import { placeOf } from "../grid/cells.js";

const isSmall = (key) => /^\p{Ll}$/u.test(key);
const typedIn = (form) =>
  [...form.querySelectorAll("[name]:not([type=hidden], select)")].filter(({ value }) => value.trim());

export function offerWord(cell, open, letters, write) {
  const [place, label] = [placeOf(cell), cell.dataset.label];
  const isChangeable = cell.dataset.fixed === undefined;
  open();
  const input = document.activeElement;
  const form = input.closest?.("#quick-add");
  if (!form || !isChangeable) return;
  const hint = element("p", [], { className: "quiet" });
  const wordOf = () => letters + input.value;
  let isOn = false;

  const stop = () => {
    hint.remove();
    input.removeEventListener("keydown", listen);
    input.removeEventListener("input", show);
  };
  const show = () => {
    hint.textContent = `Enter writes “${wordOf()}” into ${label}. Tab goes on with the new record.`;
    if (!hint.isConnected) input.after(hint);
  };
  const listen = (event) => {
    if (!isOn && !isSmall(event.key)) return stop();
    if (!isOn) input.addEventListener("input", show);
    isOn = true;
    if (event.key === "Enter" && typedIn(form).length === 1 && needsMore(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const word = wordOf();
      stop();
      input.value = "";
      document.querySelector("[data-cancel]").click();
      write(place, word);
    } else if (event.key.length > 1 && event.key !== "Backspace") stop();
  };
  input.addEventListener("keydown", listen);
}

// Where one field is enough for a record, Enter adds it.
const needsMore = (form) => Number(form.dataset.needs) > 1;
