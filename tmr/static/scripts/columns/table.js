// The heads of the list, and what is sent about one of them.
export const heads = () => [...document.querySelectorAll("[data-grid] th[data-field]")];
export const headOf = (target) => target.closest?.("[data-grid] th[data-field]");
export const headNamed = (field) => heads().find(({ dataset }) => dataset.field === field);

const NARROWEST = 60;
const WIDEST = 600;
const STEP = 20;

export const within = (width) => Math.min(Math.max(width, NARROWEST), WIDEST);

// The steps that the style sheet knows: the nearest, and the one that everything of this width fits into.
export const nearestStep = (width) => within(Math.round(width / STEP) * STEP);
export const stepAbove = (width) => within(Math.ceil(width / STEP) * STEP);

const widthOf = ({ dataset, offsetWidth }) => Number(dataset.width) || stepAbove(offsetWidth);

// How wide the columns are, as the server reads it.
export const widths = () => heads().map((head) => `${head.dataset.field}:${widthOf(head)}`).join(" ");

// A column has a width of its own once all of them have.
export function freeze() {
  const table = document.querySelector("[data-grid]");
  const measured = heads().map((head) => [head, widthOf(head)]);
  for (const [head, width] of measured) head.dataset.width = width;
  table.classList.add("sized");
}

// Changes a column. With `swap: "none"` the list stays as it is on the page. One change after another: of several that
// follow at once, the browser would send the first two only.
export function send(field, values, swap = "outerHTML") {
  last = last.then(() => post(field, values, swap));
}

let last = Promise.resolve();

function post(field, values, swap) {
  const list = document.getElementById("record-list");
  const { screen } = document.documentElement.dataset;
  const token = document.querySelector("[data-columns] [name=csrf_token]").value;
  return htmx.ajax("POST", `/${list.dataset.kind}/columns/${field}`, {
    target: "#record-list",
    swap,
    source: (headNamed(field) ?? list).querySelector("a"), // or all fields of the list would be sent as well
    values: { ...values, screen, query: list.dataset.query, csrf_token: token },
  });
}
