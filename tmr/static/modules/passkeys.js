// Passkeys: a form with data-passkey fetches its options, lets the authenticator sign, and goes on as an ordinary form.
const supported = globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON !== undefined;

const options = async (form) => {
  const answer = await fetch(form.dataset.options, {
    method: "POST",
    headers: { "X-CSRFToken": form.elements.csrf_token.value },
    redirect: "error",
  });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return answer.json();
};

const sign = async (form) => {
  const given = await options(form);
  if (form.dataset.passkey === "create") {
    return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(given) });
  }
  return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(given) });
};

const WORDS = {
  NotAllowedError: "It was called off, or took too long. Nothing was changed: try again.",
  InvalidStateError: "This device has a passkey for your account already.",
  SecurityError: "Passkeys do not work at this address. Use the one that the app was set up with.",
};

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
    problem.textContent = WORDS[error.name] ?? "That did not work. Reload the page and try again, or use another way.";
    problem.hidden = false;
    button.disabled = false;
  }
});

if (!supported) for (const form of document.querySelectorAll("form[data-passkey]")) form.hidden = true;
