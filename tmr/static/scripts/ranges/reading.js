// Tables as spreadsheets put them on the clipboard, and as this grid does (tables.js): lists of rows of texts.
import { readMarkup } from "./markup.js";

const MOST_SPAN = 1_000;
const DATED = new Set([5, 7]); // what Sheets calls the formats of a date, and of a date and a time
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(1899, 11, 30); // what Sheets and LibreOffice count days from

// Rows of tab-separated texts; one in quotes may hold tabs, line breaks and doubled quotes.
export function fromTsv(text) {
  const table = [[]];
  const pattern = /(?:"((?:[^"]|"")*)"(?=[\t\r\n]|$)|([^\t\r\n]*))(\t|\r\n|\r|\n|$)/gy;
  for (let match; pattern.lastIndex < text.length && (match = pattern.exec(text));) {
    table.at(-1).push(match[1] === undefined ? match[2] : match[1].replaceAll('""', '"'));
    if (match[3] && match[3] !== "\t") table.push([]);
    if (match[3] === "\t" && pattern.lastIndex === text.length) table.at(-1).push("");
  }
  return withoutEmptyEnd(table);
}

function withoutEmptyEnd(table) {
  if (!table.at(-1).length) table.pop();
  return table;
}

// The table of a clipboard's HTML, if it holds nothing but one; null for the rest, such as a piece of a page.
export function fromHtml(html) {
  const { tables, words } = readMarkup(html);
  const lines = tables.length === 1 && !words ? tables[0] : [];
  return lines.length ? spreadOut(lines) : null;
}

// A merged cell has its text once; the others that it covers are empty.
function spreadOut(lines) {
  const table = lines.map(() => []);
  lines.forEach((line, down) => {
    let across = 0;
    for (const cell of line) {
      while (table[down][across] !== undefined) across++; // taken by a merged cell of a row above
      const [deep, wide] = ["rowspan", "colspan"].map((name) => span(cell.attributes[name]));
      for (const row of table.slice(down, down + deep)) row.splice(across, wide, ...Array(wide).fill(""));
      table[down][across] = dayOf(cell.attributes) ?? cell.text;
      across += wide;
    }
  });
  const width = Math.max(...table.map((row) => row.length));
  return table.map((row) => Array.from({ length: width }, (_, at) => row[at] ?? ""));
}

const span = (text) => Math.min(Math.max(Number.parseInt(text ?? "1") || 1, 1), MOST_SPAN);

// A date by its number, where the program gives it beside the text: that knows no doubt about day and month.
function dayOf(attributes) {
  const sheets = ["data-sheets-value", "data-sheets-numberformat"].map((name) => parsed(attributes[name]));
  if (sheets[1]) return DATED.has(sheets[1][1]) ? isoOf(sheets[0]?.[3]) : null;
  const format = attributes.sdnum?.split(";").slice(2).join(";") ?? "";
  return /[YJA]{2}/i.test(format) && /M/i.test(format) ? isoOf(Number(attributes.sdval)) : null;
}

function parsed(json) {
  try {
    return JSON.parse(json ?? "null");
  } catch {
    return null;
  }
}

function isoOf(number) {
  if (typeof number !== "number" || !(number > 0 && number < 110_000)) return null;
  const iso = new Date(FIRST_DAY + Math.round(number * DAY_MS / 60_000) * 60_000).toISOString();
  return Number.isInteger(number) ? iso.slice(0, 10) : iso.slice(0, 16);
}
