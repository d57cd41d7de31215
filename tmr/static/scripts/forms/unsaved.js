// What was typed in a long form is not lost: leaving asks first, and a part that is drawn again keeps it.
import { actionOf } from "../keyboard/keymap.js";
import { showNotice } from "../messages/notice.js";

const changed = new WeakSet(); // the forms with text that is not saved
const sending = new Set(); // those that are under way, or wait for the answer of another

const FORMS = "form[data-keep], #quick-add";
const keptForm = (target) => target.closest?.("form[data-keep]");

document.addEventListener("keydown", (event) => {
  if (actionOf("form", event) === "save") keptForm(event.target)?.requestSubmit();
});

document.addEventListener("input", (event) => {
  const form = event.target.closest(FORMS);
  if (form) changed.add(form);
});

document.addEventListener("submit", ({ target }) => {
  changed.delete(target);
  if (target.matches("[hx-sync*=main]")) sending.add(target);
}, true);

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => sending.delete(ctx.sourceElement));

document.addEventListener("htmx:error", (event) => {
  if (event.target.matches?.(FORMS)) changed.add(event.target);
});

document.addEventListener("htmx:before:response", (event) => {
  const form = keptForm(event.target);
  if (!form || event.detail.ctx.response.status !== 401) return;
  event.preventDefault();
  changed.add(form);
  const text = "You’re signed out. Not saved yet: sign in again in another tab, then save. Your text is still here.";
  showNotice(text, { isError: true });
});

document.addEventListener("htmx:response:error", (event) => {
  const form = event.target.closest?.(FORMS);
  if (form) changed.add(form);
});

globalThis.addEventListener("beforeunload", (event) => {
  const isLost = [...document.querySelectorAll(FORMS)].some((form) => changed.has(form) && form.checkVisibility());
  if (isLost || sending.size) event.preventDefault();
});

// A part of the page that is drawn again keeps what was typed in its forms, and the focus there, but for the form that
// was sent.
let kept = [];
let focused = null;

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  focused = document.activeElement;
  const forms = [...document.querySelectorAll(":is(.part-of, .head) form[data-keep]")];
  kept = forms.filter((form) => (changed.has(form) || form.contains(focused)) && !form.contains(ctx.sourceElement));
});

document.addEventListener("htmx:after:swap", () => {
  const gone = kept.filter((form) => !form.isConnected);
  for (const form of gone) putBack(form);
  kept = kept.filter((form) => !form.isConnected);
  if (gone.some((form) => form.contains(focused))) focused.focus();
});

function putBack(form) {
  const fresh = document.getElementById(form.id);
  const part = document.getElementById(
    form.id.replace(/^at-(.*)-form$/, "part-$1").replace(/^(property-.*)-form$/, "$1"),
  );
  if (fresh) fresh.replaceWith(form);
  else part?.replaceChildren(form);
  if (form.isConnected) htmx.process(form, true); // once more: what htmx knew of it went with the swap
  const details = fresh && form.closest("details");
  if (details) details.open = true;
}
