// Tables as this grid puts them on the clipboard, for spreadsheets. A table is a list of rows of texts.
import { element } from "../elements.js";

const NEEDS_QUOTES = /[\t\n\r"]/;

export function toTsv(table) {
  const quoted = (text) => (NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return table.map((row) => row.map(quoted).join("\t")).join("\n");
}

export function toHtml(table) {
  const lines = table.map((row) => element("tr", row.map((text) => element("td", text))));
  return `<meta charset="utf-8">${element("table", element("tbody", lines)).outerHTML}`;
}
