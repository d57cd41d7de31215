// Goes anywhere and does anything by some letters of a name; Enter on a word that is no name searches for it.
import { element } from "../elements.js";
import { commands, lineOf } from "./commands.js";
import { actionOf } from "./keymap.js";

const ASK_AFTER_MS = 150;
const MOST_FOUND = 8;
const PROMPT = "Go to a page, do something, or search";
let itemCount = 0;

function places() {
  const links = [...document.querySelectorAll("nav.side a[href]:not(.brand, .find, .more)")];
  return links.map((link) => ({ name: link.textContent.trim(), href: link.href }));
}

function searchFor(text) {
  return { name: `Search for “${text}”`, href: searchAddress(text) };
}

const searchAddress = (text) => `/search?q=${encodeURIComponent(text)}`;

// Each word that was typed begins a word of the name.
function fits(name, text) {
  const words = name.toLowerCase().split(/\s+/);
  return text.toLowerCase().split(/\s+/).every((typed) => words.some((word) => word.startsWith(typed)));
}

function listItem({ name, href, run, kind = "", context = "" }) {
  const aside = [kind, context].filter(Boolean).join(" · ");
  const parts = [element("span", name), element("small", aside)];
  const made = element(href ? "a" : "button", parts, { id: `palette-${++itemCount}` });
  if (href) made.href = href;
  else Object.assign(made, { type: "button", runCommand: run });
  return element("li", made);
}

function readFound(line) {
  const link = line.querySelector("[data-open]");
  return {
    name: link.textContent.trim(),
    href: link.getAttribute("href"),
    kind: line.closest("[data-kind]")?.dataset.kind,
    context: line.querySelector("small")?.textContent.trim(),
  };
}

// Asks the server for records; what an older question found is dropped.
class RecordSearch {
  #latest = 0;
  #timer = 0;

  askSoon(text, show) {
    clearTimeout(this.#timer);
    const number = ++this.#latest;
    if (text.length < 2) return;
    this.#timer = setTimeout(() => this.#ask(text, (found) => number === this.#latest && show(found)), ASK_AFTER_MS);
  }

  #ask(text, show) {
    const request = new XMLHttpRequest();
    request.open("GET", searchAddress(text));
    request.setRequestHeader("HX-Request", "true"); // the results alone
    request.responseType = "document"; // the browser parses the answer: no script of ours makes markup of text
    request.addEventListener("load", () => {
      const lines = [...(request.response?.querySelectorAll("#found li") ?? [])].slice(0, MOST_FOUND);
      show(lines.map(readFound));
    });
    request.send();
  }
}

class Palette {
  #search = new RecordSearch();
  #list = element("ul", [], { id: "palette-list" });
  #input = element("input", [], { type: "text", placeholder: PROMPT });
  #dialog = element("dialog", [this.#input, this.#list], { className: "palette" });
  #commands = [];
  #hasChosen = false; // by arrow keys: what is found later does not take the choice away

  constructor(line) {
    this.#commands = commands(line);
    this.#describe();
    this.#input.addEventListener("input", () => this.#draw());
    this.#input.addEventListener("keydown", (event) => this.#answerKey(event));
    this.#list.addEventListener("click", (event) => this.#runCommand(event.target.closest("button")));
    this.#dialog.addEventListener("close", () => this.#dialog.remove());
  }

  open() {
    document.body.append(this.#dialog);
    this.#draw();
    this.#dialog.showModal();
    this.#input.focus();
  }

  #describe() {
    const described = {
      "aria-label": PROMPT,
      role: "combobox",
      "aria-expanded": "true",
      "aria-controls": this.#list.id,
    };
    for (const [name, value] of Object.entries(described)) this.#input.setAttribute(name, value);
    this.#dialog.setAttribute("aria-label", "Go to");
    this.#list.setAttribute("aria-label", "Places, commands and records");
  }

  #answerKey(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by && event.key !== "Enter") return;
    event.preventDefault();
    if (by) this.#hasChosen = true;
    if (by) this.#choose(by);
    else this.#list.querySelector("[data-chosen]")?.click();
  }

  #draw() {
    const text = this.#input.value.trim();
    const found = places().filter(({ name }) => name.toLowerCase().includes(text.toLowerCase()));
    const doable = this.#commands.filter(({ name }) => fits(name, text));
    this.#list.replaceChildren(...[...found, ...doable, ...(text ? [searchFor(text)] : [])].map(listItem));
    this.#hasChosen = false;
    this.#choose(0);
    this.#search.askSoon(text.toLowerCase(), (records) => this.#append(records));
  }

  // What is found stands above the offer to search for it.
  #append(records) {
    const offer = this.#list.lastElementChild;
    const items = records.map(listItem);
    if (offer) offer.before(...items);
    else this.#list.append(...items);
    if (this.#hasChosen) return;
    for (const chosen of this.#list.querySelectorAll("[data-chosen]")) chosen.removeAttribute("data-chosen");
    this.#choose(0);
  }

  #runCommand(button) {
    if (!button) return;
    this.#dialog.close();
    button.runCommand();
  }

  #choose(by) {
    const links = [...this.#list.querySelectorAll("a, button")];
    const chosen = Math.max(links.findIndex((link) => link.hasAttribute("data-chosen")), 0);
    const next = links[Math.min(Math.max(chosen + by, 0), links.length - 1)];
    for (const link of links) link.toggleAttribute("data-chosen", link === next);
    this.#input.setAttribute("aria-activedescendant", next?.id ?? "");
    if (by) next?.scrollIntoView({ block: "nearest" });
  }
}

function openPalette(event) {
  event.preventDefault();
  if (!document.querySelector("dialog[open]")) new Palette(lineOf(document.activeElement)).open();
}

document.addEventListener("keydown", (event) => {
  if (actionOf("anywhere", event) === "palette" && document.querySelector("nav.side")) openPalette(event);
});

document.addEventListener("click", (event) => {
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
  if (isPlain && event.target.closest("[data-palette]")) openPalette(event);
});
