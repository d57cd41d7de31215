// Says how strong a new password is while it is typed, without asking anyone: the server decides, by the same rule.
import { element } from "../elements.js";

const SHORTEST = 12;
const PASSPHRASE = 15; // from so many characters on, it need not mix their kinds
const READ = 72; // so many characters the estimate looks at
const STRONG = 3;
const RATINGS = ["Far too easy to guess", "Too easy to guess", "Still easy to guess", "Strong", "Very strong"];
const KINDS = [[/\p{L}/u, "a letter"], [/\p{Nd}/u, "a digit"], [/[^\p{L}\p{N}]/u, "a symbol"]];

let estimator;

const loaded = (script) =>
  new Promise((resolve) => {
    script.async = false; // they run in their order
    script.addEventListener("load", resolve);
    document.head.append(script);
  });

// The dictionaries come when they are needed, so that nobody waits for them to see the page.
async function makeEstimator() {
  const scripts = document.getElementById("dictionaries")?.content.children ?? []; // none: the page was left meanwhile
  await Promise.all([...scripts].map((script) => loaded(script.cloneNode())));
  const { core, "language-common": common } = globalThis.zxcvbnts ?? {};
  if (!core) return null;
  return new core.ZxcvbnFactory({ dictionary: common.dictionary, graphs: common.adjacencyGraphs });
}

const missingKinds = (password) => KINDS.filter(([pattern]) => !pattern.test(password)).map(([, words]) => words);

// The value of the meter, and the words beside it.
function judge(password, score) {
  const length = [...password.normalize("NFC")].length;
  if (!length) return [0, ""];
  if (length < SHORTEST) {
    const more = SHORTEST - length;
    return [Math.min(score, 1), `${more} more ${more === 1 ? "character" : "characters"}`];
  }
  const missing = length < PASSPHRASE ? missingKinds(password) : [];
  if (missing.length) {
    return [Math.min(score, 2), `Add ${missing.join(" and ")}, or make it ${PASSPHRASE} characters long`];
  }
  return [score, score < STRONG ? `${RATINGS[score]}: add unrelated words` : RATINGS[score]];
}

function personalWords(form) {
  const address = form?.elements.email?.value ?? "";
  return ["trackmyroles", "tmr", address, ...address.split(/[@.+]/)].filter((word) => word.length > 2);
}

function addMeter(input) {
  const field = input.closest(".field");
  const meter = element("meter", [], { max: 4, low: STRONG, high: STRONG, optimum: 4, className: "strength" });
  const words = element("p", [], { className: "hint", id: `${input.id}-strength` });
  meter.setAttribute("aria-hidden", "true");
  words.setAttribute("role", "status");
  (input.closest(".secret") ?? input).after(meter, words);
  meter.hidden = true;
  input.addEventListener("focus", () => (estimator ??= makeEstimator()), { once: true });
  input.addEventListener("input", async () => {
    const ready = await (estimator ??= makeEstimator());
    if (!ready) return;
    const { score } = ready.check(input.value.slice(0, READ), personalWords(input.form));
    const [value, text] = judge(input.value, score);
    meter.hidden = !input.value;
    meter.value = input.value ? value || 0.2 : 0;
    words.textContent = text;
    // One thing to read at a time: what is missing now, and before anything is typed the rule.
    field.classList.toggle("rated", Boolean(input.value));
    input.removeAttribute("aria-invalid");
  });
}

function addMeters() {
  document.querySelectorAll("input[autocomplete=new-password]").forEach((input) => {
    if (!document.getElementById(`${input.id}-strength`)) addMeter(input);
  });
}

addMeters();
document.addEventListener("htmx:after:swap", addMeters); // a refused form is drawn again
