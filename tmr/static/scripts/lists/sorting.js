// Shift and a click on the head of a column sorts by that column too, after those that the list is sorted by already.
document.addEventListener("click", (event) => {
  const link = event.target.closest("th[data-field] a:first-child");
  if (!link || !event.shiftKey) return;
  event.preventDefault();
  const list = document.getElementById("record-list");
  const query = new URLSearchParams(list.dataset.query);
  const field = link.parentElement.dataset.field;
  const words = (query.get("sort") ?? "").split(",").filter(Boolean);
  const at = words.findIndex((word) => word.replace(/^-/, "") === field);
  if (at < 0) words.push(field);
  else if (words[at] === field) words[at] = `-${field}`;
  else words.splice(at, 1);
  query.delete("page");
  query.set("sort", words.join(","));
  location.assign(`/${list.dataset.kind}?${query}`);
});
