// Says how strong a new password is while it is typed, without asking anybody: the server decides, by the same rule.
const { core, "language-common": common } = globalThis.zxcvbnts;
const estimator = new core.ZxcvbnFactory({ dictionary: common.dictionary, graphs: common.adjacencyGraphs });
const SHORTEST = 12, PASSPHRASE = 15, READS = 72;
const RATINGS = ["Far too easily guessed", "Too easily guessed", "Still easily guessed", "Strong", "Very strong"];

const lacks = (password) => {
  const kinds = [[/\p{L}/u, "a letter"], [/\p{Nd}/u, "a digit"], [/[^\p{L}\p{N}]/u, "a symbol"]];
  return kinds.filter(([pattern]) => !pattern.test(password)).map(([, words]) => words);
};

const judge = (password, own) => {
  const length = [...password.normalize("NFC")].length;
  const { score } = estimator.check(password.slice(0, READS), own);
  if (!length) return [0, ""];
  if (length < SHORTEST) return [Math.min(score, 1), `${SHORTEST - length} more ${SHORTEST - length === 1 ? "character" : "characters"}`];
  const missing = length < PASSPHRASE ? lacks(password) : [];
  if (missing.length) return [Math.min(score, 2), `Add ${missing.join(" and ")}, or make it ${PASSPHRASE} characters long`];
  return [score, score < 3 ? `${RATINGS[score]}: add words that do not belong together` : RATINGS[score]];
};

const ownWords = (form) => {
  const address = form?.elements.email?.value ?? "";
  return ["trackmyroles", "tmr", address, ...address.split(/[@.+]/)].filter((word) => word.length > 2);
};

for (const input of document.querySelectorAll("input[autocomplete=new-password]")) {
  const meter = Object.assign(document.createElement("meter"), { max: 4, low: 3, high: 3, optimum: 4, className: "strength" });
  const words = Object.assign(document.createElement("p"), { className: "hint", id: `${input.id}-strength` });
  meter.setAttribute("aria-hidden", "true");
  words.setAttribute("role", "status");
  input.after(meter, words);
  meter.hidden = true;
  input.addEventListener("input", () => {
    const [value, text] = judge(input.value, ownWords(input.form));
    meter.hidden = !input.value;
    meter.value = input.value ? value || 0.2 : 0;
    words.textContent = text;
  });
}
