// What was typed in a long form is not lost: leaving asks first, and a part that is drawn again keeps it.
import { actionOf } from "../keyboard/keymap.js";
import { showNotice } from "../messages/notice.js";

const changed = new WeakSet(); // the forms with text that is not saved

const keptForm = (target) => target.closest?.("form[data-keep]");

document.addEventListener("keydown", (event) => {
  if (actionOf("form", event) === "save") keptForm(event.target)?.requestSubmit();
});

document.addEventListener("input", (event) => {
  const form = keptForm(event.target);
  if (form) changed.add(form);
});

document.addEventListener("submit", (event) => changed.delete(event.target), true);

document.addEventListener("htmx:error", (event) => {
  if (event.target.matches?.("form[data-keep]")) changed.add(event.target);
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
  const form = keptForm(event.target);
  if (form) changed.add(form);
});

globalThis.addEventListener("beforeunload", (event) => {
  const form = document.querySelector("form[data-keep]");
  if (form && changed.has(form)) event.preventDefault();
});

// A part of the page that is drawn again keeps what was typed in its forms, but for the form that was sent.
let kept = [];

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const forms = [...document.querySelectorAll(".part-of form[data-keep]")];
  kept = forms.filter((form) => changed.has(form) && !form.contains(ctx.sourceElement));
});

document.addEventListener("htmx:after:swap", () => {
  for (const form of kept.filter((form) => !form.isConnected)) putBack(form);
  kept = kept.filter((form) => !form.isConnected);
});

function putBack(form) {
  const fresh = document.getElementById(form.id);
  const part = document.getElementById(form.id.replace(/^at-(.*)-form$/, "part-$1"));
  if (fresh) fresh.replaceWith(form);
  else part?.replaceChildren(form);
  if (form.isConnected) htmx.process(form, true); // once more: what htmx knew of it went with the swap
  const details = fresh && form.closest("details");
  if (details) details.open = true;
}
