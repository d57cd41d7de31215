// Lists of lines, such as Today: one key moves, does, puts off or opens.
const lines = () => [...document.querySelectorAll("[data-lines] [data-line]")];
let lastLine = 0;

function goLine(from, by) {
  const all = lines();
  const at = all.indexOf(from);
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  next?.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const line = event.target.matches?.("[data-line]") ? event.target : null;
  if (!line) {
    if (event.key === "ArrowDown" && event.target === document.body && lines().length) {
      event.preventDefault();
      lines()[0].focus();
    }
    return;
  }
  const action = {
    ArrowDown: () => goLine(line, 1),
    j: () => goLine(line, 1),
    ArrowUp: () => goLine(line, -1),
    k: () => goLine(line, -1),
    d: () => line.querySelector("[data-done]")?.click(),
    z: () => line.querySelector("[data-snooze]")?.click(),
    Enter: () => line.querySelector("[data-open]")?.click(),
    o: () => line.querySelector("[data-open]")?.click(),
  }[event.key];
  if (!action) return;
  event.preventDefault();
  lastLine = lines().indexOf(line);
  action();
});

// After a line has left, the one that took its place is next.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.target?.id !== "today" || document.activeElement !== document.body) return;
  const all = lines();
  all[Math.min(lastLine, all.length - 1)]?.focus();
});

document.addEventListener("click", (event) => {
  const line = event.target.closest?.("[data-line]");
  if (line) lastLine = lines().indexOf(line);
});

// The arrows of the calendar.
document.addEventListener("keydown", (event) => {
  if (event.target !== document.body || event.ctrlKey || event.metaKey || event.altKey) return;
  document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
});
