// What the numbers of a range come to: their sum, count and average. Amounts in different units are never added up.
const READ = { pay: readPay, money: readMoney };
const MOST_UNITS = 3;

// The columns that hold numbers, by their field: how each of them writes its values.
function columns() {
  const heads = [...document.querySelectorAll("table[data-grid] th[data-sums]")];
  return new Map(heads.map(({ dataset }) => [dataset.field, dataset.sums]));
}

// As the foot of the list does, pay counts by its lower amount.
function readPay({ values }) {
  const [low, , currency, period] = JSON.parse(values ?? "[]");
  return [low, [currency, period].filter(Boolean).join(" / ")];
}

function readMoney({ value = "" }) {
  const [amount, unit = ""] = value.split(" ");
  return [amount, unit];
}

const readNumber = ({ value, unit = "" }) => [value, unit];

// The numbers in these cells, by what they count: how they are written, and their unit.
function numbersOf(cells) {
  const kinds = columns();
  const found = new Map();
  for (const { dataset } of cells) {
    const kind = kinds.get(dataset.field);
    if (!kind) continue;
    const [text, unit] = (READ[kind] ?? readNumber)(dataset);
    if (!text || Number.isNaN(Number(text))) continue;
    const key = kind === "stars" ? `\n${dataset.label}` : unit;
    found.set(key, [...found.get(key) ?? [], Number(text)]);
  }
  return found;
}

const shown = (number, decimals = 2) =>
  number.toLocaleString(document.documentElement.dataset.locale, { maximumFractionDigits: decimals });

// Stars do not add up.
function words([key, numbers]) {
  const sum = numbers.reduce((total, number) => total + number, 0);
  const name = key.trim();
  const parts = [
    key.startsWith("\n") ? "" : `Sum ${shown(sum)}`,
    `Average ${shown(sum / numbers.length, Math.abs(sum / numbers.length) < 100 ? 2 : 0)}`,
    numbers.length === 1 ? "1 number" : `${numbers.length} numbers`,
  ];
  return [name, parts.filter(Boolean).join(", ")].filter(Boolean).join(": ");
}

// In words, a line for each unit; nothing for fewer than two numbers.
export function figuresOf(cells) {
  const found = [...numbersOf(cells)].sort(([, one], [, other]) => other.length - one.length);
  const lines = found.map(words).slice(0, MOST_UNITS);
  if (found.length > MOST_UNITS) lines.push(`And ${found.length - MOST_UNITS} more units`);
  return found.flatMap(([, numbers]) => numbers).length > 1 ? lines : [];
}
