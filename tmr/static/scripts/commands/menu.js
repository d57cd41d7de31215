// A small menu at a cell that filters as one types. What fits none of its options is never a command: the menu says so,
// and offers to write it into the cell.
import { element } from "../elements.js";

const GAP = 2;
let count = 0;

const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// Options whose name begins with the text come before those with a later word that does.
function matching(options, text) {
  const start = folded(text.trim());
  const ranks = options.map(({ label, words = "" }) => {
    const names = [...folded(label).split(/\s+/), ...words.split(" ")];
    return folded(label).startsWith(start) ? 0 : names.some((name) => name.startsWith(start)) ? 1 : 2;
  });
  return [0, 1].flatMap((rank) => options.filter((_, at) => ranks[at] === rank));
}

export class CommandMenu {
  #list = element("ul", [], { id: `commands-${++count}` });
  #input = element("input", [], { type: "text", autocomplete: "off", spellcheck: false });
  #said = element("p", [], { className: "quiet", role: "status" });
  #box = element("div", [], { className: "commands" });
  #chosen = 0;
  #shown = [];
  #isOpen = true;

  // `level` is { label, kind, options, atOnce }: an option has a `label`, further `words`, and `run`, or `next`, which
  // returns another level. `write` is { before, into, run }: the letters that came before, and what takes them.
  constructor({ anchor, level, text = "", write, leave }) {
    Object.assign(this, { anchor, level, write, leave });
    this.#describe();
    this.#input.value = text;
    this.#input.addEventListener("input", () => this.#draw());
    this.#input.addEventListener("keydown", (event) => this.#answerKey(event));
    this.#box.addEventListener("focusout", ({ relatedTarget }) => {
      if (!this.#box.contains(relatedTarget)) this.#remove();
    });
    this.#box.append(element("label", [this.#title, this.#input]), this.#list, this.#said);
    document.body.append(this.#box);
    this.#draw();
    this.#place();
    this.#input.focus();
  }

  #title = element("span");

  #describe() {
    const described = { role: "combobox", "aria-expanded": "true", "aria-controls": this.#list.id };
    for (const [name, value] of Object.entries(described)) this.#input.setAttribute(name, value);
    this.#list.setAttribute("role", "listbox");
  }

  #place() {
    const cell = this.anchor.getBoundingClientRect();
    const { width, height } = this.#box.getBoundingClientRect();
    const isBelow = cell.bottom + GAP + height <= innerHeight || cell.top < height;
    this.#box.style.left = `${Math.max(Math.min(cell.left, innerWidth - width - 8), 8)}px`;
    this.#box.style.top = `${isBelow ? cell.bottom + GAP : cell.top - GAP - height}px`;
  }

  get #text() {
    return this.#input.value;
  }

  // The word that is typed if it was one from the beginning, with the letters that came before the menu.
  get #word() {
    return this.write && this.#text.trim() && `${this.write.before}${this.#text}`;
  }

  #draw() {
    const { label, kind, options, atOnce } = this.level;
    const first = atOnce?.(this.#text);
    if (first) return this.#run(first);
    const found = matching(options, this.#text);
    const writing = this.#word && { label: `Write “${this.#word}” into ${this.write.into}`, run: () => this.#write() };
    this.#shown = writing ? [...found, writing] : found;
    this.#chosen = 0;
    this.#title.textContent = label;
    this.#input.setAttribute("aria-label", label);
    this.#list.replaceChildren(...this.#shown.map((option, at) => this.#listItem(option, at)));
    const isLost = !found.length && this.#text.trim();
    const offer = writing ? ` Enter writes “${this.#word}” into ${this.write.into}.` : "";
    this.#said.textContent = isLost ? `No ${kind} begins with “${this.#text}”.${offer}` : "";
    this.#mark();
  }

  #listItem(option, at) {
    const item = element("li", option.label, { id: `${this.#list.id}-${at}` });
    item.setAttribute("role", "option");
    item.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    item.addEventListener("click", () => this.#run(option));
    return item;
  }

  #mark() {
    [...this.#list.children].forEach((item, at) => item.setAttribute("aria-selected", at === this.#chosen));
    const chosen = this.#list.children[this.#chosen];
    this.#input.setAttribute("aria-activedescendant", chosen?.id ?? "");
    chosen?.scrollIntoView({ block: "nearest" });
  }

  #answerKey(event) {
    event.stopPropagation(); // what is pressed here is for the menu alone
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const isDone = event.key === "Enter" || event.key === "Tab";
    const isLeaving = event.key === "Escape" || (event.key === "Backspace" && !this.#text);
    if (!by && !isDone && !isLeaving) return;
    event.preventDefault();
    if (by) {
      this.#chosen = Math.min(Math.max(this.#chosen + by, 0), this.#shown.length - 1);
      this.#mark();
    } else if (isLeaving) this.#close({});
    else if (this.#shown.length) this.#run(this.#shown[this.#chosen], event);
  }

  #run({ run, next }, { key, shiftKey } = {}) {
    if (next) {
      this.level = next();
      this.#input.value = "";
      return this.#draw();
    }
    this.#close(key === "Tab" ? { right: shiftKey ? -1 : 1 } : {});
    run();
  }

  #write() {
    this.write.run(this.#word);
  }

  #close(move) {
    this.#remove();
    this.leave(move);
  }

  // Removing the field that has the focus makes it leave, which would remove the menu once more.
  #remove() {
    if (this.#isOpen) {
      this.#isOpen = false;
      this.#box.remove();
    }
  }
}
