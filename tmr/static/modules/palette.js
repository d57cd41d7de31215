// Ctrl-K, or Cmd-K: go anywhere by writing some letters of its name; Enter on a word that is none searches for it.
const places = () => [...document.querySelectorAll("nav.side a[href]")].filter((one) => !one.matches(".brand, .more"))
  .map((one) => ({ name: one.textContent.trim(), href: one.href }));

let paletteItems = 0;

function paletteItem({ name, href }, isFirst) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.id = `palette-${++paletteItems}`;
  link.href = href;
  link.textContent = name;
  link.toggleAttribute("data-chosen", isFirst);
  item.append(link);
  return item;
}

function openPalette() {
  if (document.querySelector("dialog[open]")) return;
  const dialog = document.createElement("dialog");
  const input = document.createElement("input");
  const list = document.createElement("ul");
  dialog.className = "palette";
  dialog.setAttribute("aria-label", "Go to");
  input.type = "text";
  input.placeholder = "Go to a page, or search";
  input.setAttribute("aria-label", "Go to a page, or search");
  list.setAttribute("aria-label", "Places and records");
  list.id = "palette-list";
  for (const [name, value] of [["role", "combobox"], ["aria-expanded", "true"], ["aria-controls", list.id]]) input.setAttribute(name, value);
  let asked = 0;
  const ask = (typed) => {
    const number = ++asked;
    const request = new XMLHttpRequest();
    request.open("GET", `/search?q=${encodeURIComponent(typed)}`);
    request.responseType = "document";
    request.addEventListener("load", () => {
      if (number !== asked) return;
      const found = [...(request.response?.querySelectorAll("#found [data-open]") ?? [])].slice(0, 8);
      const items = found.map((one) => paletteItem({ name: one.textContent, href: one.getAttribute("href") }, false));
      list.append(...items);
      if (!list.querySelector("[data-chosen]")) choose(0);
    });
    request.send();
  };
  let waiting = 0;
  const draw = () => {
    const typed = input.value.trim().toLowerCase();
    const found = places().filter(({ name }) => name.toLowerCase().includes(typed));
    const search = { name: `Search for “${input.value.trim()}”`, href: `/search?q=${encodeURIComponent(input.value.trim())}` };
    const all = typed ? [...found, search] : found;
    list.replaceChildren(...all.map((one, at) => paletteItem(one, at === 0)));
    input.setAttribute("aria-activedescendant", list.querySelector("a")?.id ?? "");
    clearTimeout(waiting);
    if (typed.length > 1) waiting = setTimeout(() => ask(typed), 150);
  };
  const choose = (by) => {
    const all = [...list.querySelectorAll("a")];
    const at = all.findIndex((one) => one.hasAttribute("data-chosen"));
    const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    for (const one of all) one.toggleAttribute("data-chosen", one === next);
    input.setAttribute("aria-activedescendant", next?.id ?? "");
    next?.scrollIntoView({ block: "nearest" });
  };
  input.addEventListener("input", draw);
  input.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      event.preventDefault();
      choose(by);
    } else if (event.key === "Enter") {
      event.preventDefault();
      list.querySelector("[data-chosen]")?.click();
    }
  });
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(input, list);
  document.body.append(dialog);
  draw();
  dialog.showModal();
  input.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  if (!document.querySelector("nav.side")) return;
  event.preventDefault();
  openPalette();
});
