// Passkeys: a form with data-passkey fetches its options, lets the authenticator sign, and goes on as an ordinary form.
// With data-secret it also sends what opens locked records, in the field of that name: a secret that is derived here of
// the PRF output of the passkey. That output itself never leaves the browser.
const isSupported = globalThis.PublicKeyCredential?.parseCreationOptionsFromJSON !== undefined;

const encoder = new TextEncoder();
// Both are part of what opens records: with others, every passkey that was let in would open nothing.
const PRF_INPUT = encoder.encode("tmr/lock/prf/v1");
const PURPOSE = encoder.encode("tmr/lock/prf/v1/secret");
const NO_SECRET = "NoSecretError";

const PROBLEMS = {
  NotAllowedError: "That was canceled, or took too long. Nothing was changed: try again.",
  InvalidStateError: "This device already has a passkey for your account.",
  SecurityError: "Passkeys don’t work at this address. Open the app at the address it was set up with.",
  [NO_SECRET]: "This passkey can’t unlock records: what keeps it makes no secrets (PRF). It still signs you in.",
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
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    publicKey.extensions = { ...publicKey.extensions, prf: {} }; // some can only if they are asked from the beginning
    return navigator.credentials.create({ publicKey });
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  if (form.dataset.secret) publicKey.extensions = { ...publicKey.extensions, prf: { eval: { first: PRF_INPUT } } };
  return navigator.credentials.get({ publicKey });
}

async function secretOf(credential) {
  const output = credential.getClientExtensionResults().prf?.results?.first;
  if (!output) return "";
  const key = await crypto.subtle.importKey("raw", output, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: PURPOSE };
  const bytes = new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function fill(form, field) {
  const credential = await sign(form);
  if (form.dataset.secret) {
    const secret = await secretOf(credential);
    if (!secret && "needsSecret" in form.dataset) throw Object.assign(new Error(), { name: NO_SECRET });
    form.elements[form.dataset.secret].value = secret;
  }
  field.value = JSON.stringify({ ...credential.toJSON(), clientExtensionResults: {} }); // without the PRF output
}

const fieldOf = (form) => form.elements[form.dataset.credential ?? "credential"];

// Before what else hears of it, such as htmx: the form is not filled in yet.
document.addEventListener("submit", async (event) => {
  const form = event.target.closest?.("form[data-passkey]");
  if (!form || fieldOf(form).value) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const button = form.querySelector("button");
  const problem = form.querySelector("[role=alert]");
  button.disabled = true;
  problem.hidden = true;
  try {
    await fill(form, fieldOf(form));
    form.requestSubmit();
  } catch (error) {
    problem.textContent = PROBLEMS[error.name] ?? OTHER_PROBLEM;
    problem.hidden = false;
    button.disabled = false;
    button.focus();
  }
}, true);

// What was signed works once: a form that stays on the page asks the passkey again.
document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const form = ctx.sourceElement;
  if (!form?.matches?.("form[data-passkey]")) return;
  fieldOf(form).value = "";
  form.querySelector("button").disabled = false;
});

if (!isSupported) {
  for (const form of document.querySelectorAll("form[data-passkey]")) form.hidden = true;
}
