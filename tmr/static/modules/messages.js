// Shows what happened in #messages, and keeps forms alive across a sign-in in another tab.
const messages = document.getElementById("messages");

const show = (text, bad) => {
  const notice = document.createElement("div");
  notice.className = bad ? "notice bad" : "notice";
  notice.textContent = text;
  messages.replaceChildren(notice);
};

document.addEventListener("tmr:notice", (event) => show(event.detail.text, event.detail.bad));

document.addEventListener("htmx:error", (event) => {
  if (!event.target.closest?.(".editor")) show("Not done: no connection. Nothing was lost; try again.", true);
});

document.addEventListener("htmx:response:error", (event) => {
  const { status, headers } = event.detail.ctx.response;
  const token = headers.get("X-CSRF-Token");
  if (token) document.querySelectorAll("[name=csrf_token]").forEach((input) => { input.value = token; });
  if (event.target.closest?.(".editor")) return;
  if (status >= 500) show("Not done: the server had a problem. Nothing was lost; try again.", true);
});

// A message that is not about an error leaves by itself; undo stays as long as it works.
new MutationObserver(() => {
  const notice = messages.querySelector(".notice:not(.bad)");
  if (!notice) return;
  // Undo works for ten minutes: the notice steps out of the way, and `u` still finds it.
  const hasUndo = notice.querySelector("[data-undo]");
  setTimeout(() => (hasUndo ? notice.classList.add("sr") : notice.remove()), hasUndo ? 20_000 : 6_000);
  setTimeout(() => notice.remove(), 600_000);
}).observe(messages ?? document.createElement("div"), { childList: true });
