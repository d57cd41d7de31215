// While an application is typed above the list, those that are there already for the same role or link are shown.
const NAMES = ["company", "title", "url"];

const looking = () => document.getElementById("earlier-form");

document.addEventListener("change", ({ target }) => {
  const form = target.closest?.("#quick-add");
  const isSent = form?.matches(".htmx-request"); // a field that goes with its form tells of a change too
  if (form && !isSent && NAMES.includes(target.name)) look(form);
});

function look(form) {
  const asked = looking();
  if (!asked) return;
  const said = NAMES.map((name) => form.elements[name]?.value.trim() ?? "");
  const isEnough = (said[0] && said[1]) || said[2];
  if (!isEnough || NAMES.every((name, at) => asked.elements[name].value === said[at])) return;
  NAMES.forEach((name, at) => asked.elements[name].value = said[at]);
  asked.requestSubmit();
}

// Added, or not to be: what was found for it is of no more use.
const forget = () => {
  document.getElementById("earlier")?.replaceChildren();
  for (const name of NAMES) if (looking()) looking().elements[name].value = "";
};

// An answer that comes after that is of no use either.
document.addEventListener("htmx:before:swap", (event) => {
  const asked = looking();
  const isForgotten = asked && NAMES.every((name) => !asked.elements[name].value);
  if (isForgotten && event.detail.ctx.sourceElement === asked) event.preventDefault();
});

document.addEventListener("submit", (event) => {
  if (event.target.id === "quick-add") forget();
});
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-cancel]")) forget();
});

// This script may come after what was typed.
const typedBefore = document.getElementById("quick-add");
if (typedBefore) look(typedBefore);
