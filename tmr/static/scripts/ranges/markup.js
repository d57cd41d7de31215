// Reads the tables in a clipboard's HTML without making any element of it: no script of ours makes markup of text.
const NAME = /\/?[a-z][\w:-]*/iy;
const LONGEST_TAG = 20_000; // Sheets writes the value of a cell into an attribute
const HIDDEN = new Set(["style", "script", "title"]); // their text is no words
const ATTRIBUTE = /([\w:-]+)\s*(?:=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?/g;
const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };
const ENTITY = /&(?:#x([\da-f]{1,6})|#(\d{1,7})|(\w{1,8}));/gi;
const PARTS = new Set(["table", "tr", "td", "th"]);
const BREAKS = new Set(["br", "p", "div"]);

const decoded = (text) =>
  text.replace(ENTITY, (whole, hex, decimal, name) => {
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
    if (name) return NAMED[name] ?? whole;
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "";
  });

function attributesOf(text) {
  const pairs = [...text.matchAll(ATTRIBUTE)].map(([, name, value = ""]) => [
    name.toLowerCase(),
    decoded(/^["']/.test(value) ? value.slice(1, -1) : value),
  ]);
  return Object.fromEntries(pairs);
}

const cleaned = (text) => text.split("\n").map((line) => line.replace(/\s+/g, " ").trim()).filter(Boolean).join("\n");

// Each tag and comment with its place, in one pass: markup that is broken takes no longer than any other.
function* tagsOf(html) {
  const lower = html.toLowerCase();
  for (let at = html.indexOf("<"); at >= 0; at = html.indexOf("<", at)) {
    const isComment = html.startsWith("<!--", at);
    NAME.lastIndex = at + 1;
    const [name = ""] = NAME.exec(html) ?? [];
    const tag = name.replace("/", "").toLowerCase();
    const hasText = HIDDEN.has(tag) && !name.startsWith("/");
    const closing = hasText ? lower.indexOf(`</${tag}`, at) : at;
    const end = closing < 0 ? -1 : isComment ? html.indexOf("-->", at) + 2 : endOfTag(html, closing);
    if (end <= at) return yield { start: at, end: html.length, tag: "" }; // nothing ends it
    yield {
      start: at,
      end: end + 1,
      tag,
      isEnd: name.startsWith("/"),
      attributes: html.slice(at + 1 + name.length, end),
    };
    at = end + 1;
  }
}

// Where the tag ends that begins at `at`: at the first ">" that is not in quotes.
function endOfTag(html, at) {
  let quote = "";
  for (let place = at; place < html.length && place < at + LONGEST_TAG; place++) {
    const char = html[place];
    if (quote) quote = char === quote ? "" : quote;
    else if (char === ">") return place;
    else if (char === '"' || char === "'") quote = char;
  }
  return -1;
}

// What is in the markup: each table as rows of cells, `{ text, attributes }`, and the words that are in none.
export function readMarkup(html) {
  const found = { tables: [], words: "" };
  let cell = null;
  let at = 0;
  const take = (text) => {
    const words = decoded(text.replace(/\s+/g, " "));
    if (cell) cell.text += words;
    else found.words += words;
  };
  for (const { start, end, tag, isEnd, attributes } of tagsOf(html)) {
    take(html.slice(at, start));
    at = end;
    if (cell && BREAKS.has(tag) && (tag === "br" || !isEnd)) cell.text += "\n";
    if (PARTS.has(tag)) cell = open(found.tables, tag, isEnd, attributes);
  }
  take(html.slice(at));
  for (const inner of found.tables.flat(2)) inner.text = cleaned(inner.text);
  return { tables: found.tables, words: found.words.trim() };
}

// Begins a table, a row or a cell, or ends it; returns the cell that words belong to from here on.
function open(tables, tag, isEnd, attributes) {
  if (tag === "table" && !isEnd) tables.push([]);
  if (isEnd || !tables.length) return null;
  if (tag === "tr") tables.at(-1).push([]);
  if (tag !== "td" && tag !== "th") return null;
  if (!tables.at(-1).length) tables.at(-1).push([]);
  const cell = { text: "", attributes: attributesOf(attributes) };
  tables.at(-1).at(-1).push(cell);
  return cell;
}
