// Long forms: Ctrl-Enter saves, focus goes to the first error, leaving with unsaved text asks first.
const dirty = new WeakSet();

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.target.closest?.("form[data-keep]")?.requestSubmit();
});

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-keep]");
  if (form) dirty.add(form);
});

document.addEventListener("submit", (event) => dirty.delete(event.target), true);

document.addEventListener("htmx:error", (event) => {
  if (event.target.matches?.("form[data-keep]")) dirty.add(event.target);
});

document.addEventListener("htmx:before:response", (event) => {
  const form = event.target.closest?.("form[data-keep]");
  if (!form || event.detail.ctx.response.status !== 401) return;
  event.preventDefault();
  dirty.add(form);
  const text = "Not saved: you are signed out. Sign in again in another tab, then save. What you typed is kept.";
  document.dispatchEvent(new CustomEvent("tmr:notice", { detail: { text, bad: true } }));
});

window.addEventListener("beforeunload", (event) => {
  const form = document.querySelector("form[data-keep]");
  if (form && dirty.has(form)) event.preventDefault();
});

document.addEventListener("htmx:response:error", (event) => {
  const form = event.target.closest?.("form[data-keep]");
  if (form) dirty.add(form);
});

function reveal(form) {
  const query = document.getElementById("record-list")?.dataset.query ?? "";
  if (form.elements.query) form.elements.query.value = query;
  form.hidden = false;
  form.querySelector("[aria-invalid], input:not([type=hidden])")?.focus();
}

document.addEventListener("click", (event) => {
  const form = document.getElementById("quick-add");
  if (event.target.closest("[data-new]") && form) {
    event.preventDefault();
    reveal(form);
  } else if (event.target.closest("[data-cancel]") && form) {
    event.preventDefault();
    isAdding = false;
    form.hidden = true;
    document.querySelector("[data-new]")?.focus();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !event.target.closest?.("#quick-add")) return;
  document.querySelector("[data-cancel]").click();
});

let isAdding = false;
document.addEventListener("submit", (event) => { isAdding = event.target.id === "quick-add"; }, true);

document.addEventListener("htmx:finally:request", () => {
  const form = document.getElementById("quick-add");
  if (isAdding && form && !form.querySelector("[aria-invalid]")) reveal(form); // ready for the next one
  isAdding = false;
});

document.addEventListener("htmx:after:swap", () => {
  const form = document.getElementById("quick-add");
  const error = document.querySelector("form:not(.editor) [aria-invalid]");
  if (error) error.focus();
  else if (form && !form.hidden && document.activeElement === document.body) reveal(form);
});

// After something was added, changed or taken away on an application's page, the keyboard goes on from there.
document.addEventListener("htmx:after:swap", (event) => {
  const id = event.detail.ctx?.target?.id ?? "";
  if (document.activeElement !== document.body || !/^(panel|part|at|new)-/.test(id)) return;
  const place = document.getElementById(id);
  const wanted = id.startsWith("panel-") ? "summary" : "input:not([type=hidden]), select, textarea";
  place?.querySelector(wanted)?.focus({ preventScroll: true });
});

// A part of the page that is drawn anew keeps what was typed in its forms, but for the form that was sent.
let typed = [];
document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const forms = [...document.querySelectorAll(".part-of form[data-keep]")];
  typed = forms.filter((form) => dirty.has(form) && !form.contains(ctx.sourceElement));
});
document.addEventListener("htmx:after:swap", () => {
  for (const form of typed.filter((one) => !one.isConnected)) {
    const fresh = document.getElementById(form.id);
    const part = document.getElementById(form.id.replace(/^at-(.*)-form$/, "part-$1"));
    if (fresh) fresh.replaceWith(form);
    else part?.replaceChildren(form);
    if (form.isConnected) htmx.process(form, true); // anew: what htmx knew of it went with the swap
    if (fresh) form.closest("details").open = true;
  }
  typed = typed.filter((one) => !one.isConnected);
});

document.querySelector("form:not(.editor) [aria-invalid], #quick-add:not([hidden]) input:not([type=hidden])")?.focus();
