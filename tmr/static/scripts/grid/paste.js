// Rows copied from a spreadsheet become records: by the form below the list, which works without scripts as well.
export function addRows(text, field) {
  const form = document.getElementById("paste");
  form.elements.rows.value = text;
  form.elements.query.value = document.getElementById("record-list").dataset.query;
  form.elements.from.value = field;
  form.requestSubmit();
}
