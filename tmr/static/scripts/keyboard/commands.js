// What the palette can do besides going somewhere: a command is an element of the page with its words in
// `data-command`, a way to snooze the line of Today that has the focus, or a stage for the rows that are selected.

// The line that has the focus, where there is one: its commands act on it.
export const lineOf = (target) => target?.closest?.("[data-line]") ?? null;

function onPage() {
  const elements = [...document.querySelectorAll("[data-command]")];
  return elements.map((node) => ({ name: node.dataset.command, run: () => node.click() }));
}

function onLine(line) {
  const buttons = [...(line?.querySelectorAll("[name=days]") ?? [])];
  return buttons.map((button) => ({ name: button.ariaLabel, run: () => button.click() }));
}

function stagesForSelected() {
  const bulk = document.querySelector("#bulk.on");
  const count = document.querySelectorAll(".pick :checked[name=ids]").length;
  const stages = document.querySelector("template[data-editor=status]")?.content.querySelectorAll("option") ?? [];
  if (!bulk || !count) return [];
  return [...stages].filter(({ value }) => value).map(({ value, text }) => ({
    name: `Move ${count} selected to ${text}`,
    run: () => {
      bulk.elements.field.value = "status";
      bulk.elements.field.dispatchEvent(new Event("change", { bubbles: true })); // the grid's script shows the stages
      bulk.querySelector("[data-bulk-value] [name=value]").value = value;
      bulk.requestSubmit(bulk.querySelector("[value=set]"));
    },
  }));
}

// All commands of this page, each name once.
export function commands(line) {
  const byName = new Map();
  for (const command of [...stagesForSelected(), ...onLine(line), ...onPage()]) {
    if (!byName.has(command.name)) byName.set(command.name, command);
  }
  return [...byName.values()];
}
