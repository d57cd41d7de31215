// Looks after #messages, and keeps forms alive across a sign-in in another tab.
import { sayOffline } from "./connection.js";
import { showNotice } from "./notice.js";

const SHOWN_MS = 6_000;
const UNDO_SHOWN_MS = 20_000;
const UNDO_WORKS_MS = 600_000;

const isInEditor = (target) => target.closest?.(".editor"); // the editor of a cell tells its own problems

function takeToken(token) {
  document.querySelectorAll("[name=csrf_token]").forEach((input) => {
    input.value = token;
  });
}

document.addEventListener("htmx:error", (event) => {
  const { submitter, method } = event.detail.ctx?.request ?? {};
  if (!isInEditor(event.target)) sayOffline(event.target, submitter, method);
});

document.addEventListener("htmx:response:error", (event) => {
  const { status, headers } = event.detail.ctx.response;
  const token = headers.get("X-CSRF-Token");
  if (token) takeToken(token);
  if (isInEditor(event.target) || status < 500) return;
  showNotice("Something went wrong on our side. Nothing was lost: try again.", { isError: true });
});

// A message that is not about an error, or about what was left, leaves by itself; undo stays as long as it works.
function letLeave() {
  messages.querySelector("p:has(+ .sr)")?.remove(); // of what searches found the latest is enough
  const notice = messages.querySelector(".notice:not(.bad, [data-lasting])");
  if (!notice) return;
  // The notice steps out of the way, and for ten minutes the shortcut still finds it. After that it is Ctrl Z's.
  const hasUndo = notice.querySelector("[data-undo]");
  setTimeout(() => (hasUndo ? notice.classList.add("sr") : notice.remove()), hasUndo ? UNDO_SHOWN_MS : SHOWN_MS);
  setTimeout(() => notice.remove(), UNDO_WORKS_MS);
}

const messages = document.getElementById("messages");
if (messages) new MutationObserver(letLeave).observe(messages, { childList: true });
