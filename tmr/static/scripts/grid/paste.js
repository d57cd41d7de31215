// What a paste needs seldom: the clipboard without a key for it, and rows that become records.
import { element } from "../elements.js";
import { showNotice } from "../messages/notice.js";

const REFUSED = "Your browser doesn’t let this page read the clipboard. Nothing was pasted.";
const EMPTY = "The clipboard holds no text. Nothing was pasted.";

// The text of the clipboard, or nothing, once it is said why. The browser may ask the person first, or refuse.
export async function readClipboard() {
  const text = await navigator.clipboard?.readText().catch(() => null);
  if (!text) showNotice(text === "" ? EMPTY : REFUSED, { isError: true });
  return text;
}

// A sentence about rows that go beyond the last one, and the button that adds them.
export function offerRows(count, text, field) {
  const isOne = count === 1;
  const words = `${isOne ? "1 row goes" : count + " rows go"} beyond the last row of this page. `;
  const button = element("button", isOne ? "Add it as a record" : "Add them as records", {
    type: "button",
    className: "btn small",
  });
  button.addEventListener("click", () => addRows(text, field));
  return [words, button];
}

// Rows copied from a spreadsheet become records: by the form below the list, which works without scripts as well.
export function addRows(text, field) {
  const form = document.getElementById("paste");
  form.elements.rows.value = text;
  form.elements.query.value = document.getElementById("record-list").dataset.query;
  form.elements.from.value = field;
  form.requestSubmit();
}
