// What the palette can do besides going somewhere: a command is an element of the page with its words in
// `data-command`, a way to snooze the line of Today that has the focus, or what a script of the page offers.

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

// What other scripts of the page offer, asked each time: functions that return commands.
const sources = [];
export const offer = (source) => sources.push(source);

// All commands of this page, each name once.
export function commands(line) {
  const byName = new Map();
  for (const command of [...sources.flatMap((source) => source()), ...onLine(line), ...onPage()]) {
    if (!byName.has(command.name)) byName.set(command.name, command);
  }
  return [...byName.values()];
}
