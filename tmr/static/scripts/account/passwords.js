// Passwords can be shown while they are typed, and stay in the form when the server refuses them.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-reveal]");
  const input = button?.parentElement.querySelector("input");
  if (input) show(button, input, input.type === "password");
});

function show(button, input, isShown) {
  input.type = isShown ? "text" : "password";
  button.textContent = isShown ? "Hide" : "Show";
  button.setAttribute("aria-pressed", String(isShown));
}

// Masked again before it is sent, so that browsers do not remember it as a text.
document.addEventListener("submit", (event) => {
  for (const button of event.target.querySelectorAll("[data-reveal][aria-pressed=true]")) {
    show(button, button.parentElement.querySelector("input"), false);
  }
}, true);

let typed = []; // in memory, and only from an answer that refuses them until it is shown

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const form = ctx.sourceElement?.closest?.("[data-keeps-password]");
  const inputs = form && ctx.response?.status === 422 ? form.querySelectorAll("[type=password]") : [];
  typed = [...inputs].map(({ id, value }) => [id, value]);
});

document.addEventListener("htmx:after:swap", () => {
  for (const [id, value] of typed) {
    const input = document.getElementById(id);
    if (input && !input.value) input.value = value;
  }
  typed = [];
});
