// Selecting lines of Today. The box of a part selects all of it; the bar says how many are selected.
const boxes = (selector) => [...document.querySelectorAll(`#today ${selector}`)];

const linesOf = (partBox) => [...partBox.closest("section").querySelectorAll("[data-pick]")];

const partOf = (lineBox) => lineBox.closest("section")?.querySelector("[data-part]");

function follow(box) {
  if (box.matches("[data-part]")) {
    for (const line of linesOf(box)) line.checked = box.checked;
    return;
  }
  const part = partOf(box);
  if (!part) return;
  const lines = linesOf(part);
  const isWhole = lines.length === Number(part.dataset.count);
  part.checked = isWhole && lines.every((line) => line.checked);
  part.indeterminate = !part.checked && lines.some((line) => line.checked);
}

function refresh() {
  const bar = document.getElementById("today-bulk");
  if (!bar) return;
  const parts = boxes("[data-part]:checked");
  const picked = [...parts, ...boxes("[data-pick]:checked").filter((box) => !parts.includes(partOf(box)))];
  const count = picked.reduce((sum, box) => sum + Number(box.dataset.count ?? 1), 0);
  const verbs = new Set(boxes("[data-pick]:checked").map((box) => box.dataset.verb));
  bar.querySelector("[data-picked]").textContent = `${
    count.toLocaleString(document.documentElement.dataset.locale ?? "en-GB")
  } selected`;
  bar.querySelector("[data-verb-of-picked]").textContent = verbs.size === 1 ? [...verbs][0] : "Done";
  const closing = bar.querySelector("[data-close-picked]");
  if (closing) closing.hidden = !picked.some((box) => "closes" in box.dataset);
}

document.addEventListener("change", (event) => {
  if (!event.target.matches?.("#today [type=checkbox]")) return;
  follow(event.target);
  refresh();
});

document.addEventListener("reset", (event) => {
  if (event.target.id !== "today-bulk") return;
  for (const part of boxes("[data-part]")) part.indeterminate = false;
});

refresh(); // a page that the browser brings back keeps its boxes checked
