// Columns are kept for each width of the screen: forms that set them say which one this is, and a list that was drawn
// for another one is drawn again.
const SCREENS = { narrow: "(width < 760px)", medium: "(760px <= width < 1500px)", wide: "(width >= 1500px)" };
const queries = Object.entries(SCREENS).map(([name, text]) => [name, matchMedia(text)]);

function note() {
  document.documentElement.dataset.screen = queries.find(([, query]) => query.matches)[0];
}

// Before htmx reads the form.
document.addEventListener("submit", ({ target }) => {
  if (target.elements.screen) target.elements.screen.value = document.documentElement.dataset.screen;
}, true);

// A panel or a menu that a person opened stays, with what is typed into it: the list is drawn once it closes.
let isAsked = false;
const isInUse = () => document.querySelector("dialog[open], :popover-open, details[data-used][open]") !== null;

document.addEventListener("click", ({ target }) => {
  const panel = target.closest?.("#record-list summary")?.parentElement;
  if (panel) panel.dataset.used = "";
}, true);

document.addEventListener("toggle", ({ newState }) => newState === "closed" && drawForThisOne(), true);

document.addEventListener("htmx:before:swap", (event) => {
  if (isAsked && isInUse() && event.detail.ctx.target?.id === "record-list") event.preventDefault();
});

document.addEventListener("htmx:finally:request", () => {
  isAsked = false;
});

function drawForThisOne() {
  note();
  const { screen } = document.documentElement.dataset;
  const list = document.getElementById("record-list");
  if (!list || (list.dataset.screen ?? screen) === screen || isInUse()) return;
  isAsked = true;
  htmx.ajax("POST", `/${list.dataset.kind}/screen`, {
    target: "#record-list",
    swap: "outerHTML",
    source: list.querySelector("a"), // or all fields of the list would be sent as well
    values: { screen, query: list.dataset.query, csrf_token: document.querySelector("[name=csrf_token]").value },
  });
}

for (const [, query] of queries) query.addEventListener("change", ({ matches }) => matches && drawForThisOne());
note();
document.addEventListener("DOMContentLoaded", drawForThisOne); // after htmx has begun
