// Passkeys: a form with data-passkey fetches its options, lets the authenticator sign, and goes on as an ordinary form.
const isSupported = globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON !== undefined;

const PROBLEMS = {
  NotAllowedError: "That was canceled, or took too long. Nothing was changed: try again.",
  InvalidStateError: "This device already has a passkey for your account.",
  SecurityError: "Passkeys don’t work at this address. Open the app at the address it was set up with.",
};
const OTHER_PROBLEM = "That didn’t work. Reload the page and try again, or use another way.";

async function fetchOptions(form) {
  const answer = await fetch(form.dataset.options, {
    method: "POST",
    headers: { "X-CSRFToken": form.elements.csrf_token.value },
    redirect: "error",
  });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
}

async function sign(form) {
  const options = await fetchOptions(form);
  if (form.dataset.passkey === "create") {
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-passkey]");
  if (!form || form.elements.credential.value) return;
  event.preventDefault();
  const button = form.querySelector("button");
  const problem = form.querySelector("[role=alert]");
  button.disabled = true;
  problem.hidden = true;
  try {
    form.elements.credential.value = JSON.stringify((await sign(form)).toJSON());
    form.submit();
  } catch (error) {
    problem.textContent = PROBLEMS[error.name] ?? OTHER_PROBLEM;
    problem.hidden = false;
    button.disabled = false;
  }
});

if (!isSupported) {
  for (const form of document.querySelectorAll("form[data-passkey]")) form.hidden = true;
}
