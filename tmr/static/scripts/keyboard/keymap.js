// Which action a key has. Every shortcut is one entry of keymap.json: where it works (`scope`), its keys, its words in
// the help (`help`; `shown` where the keys need other signs), and its <kbd> on pages (`kbd`, where that differs).
import everything from "./keymap.json" with { type: "json" };

// A person can turn off shortcuts of one letter or sign, which speech input and stray keys set off (WCAG 2.1.4).
const isKept = (key) => !document.body.hasAttribute("data-no-letter-keys") || !/^\S$/u.test(key);
const keymap = everything.map((shortcut) => ({ ...shortcut, keys: shortcut.keys.filter(isKept) }));

function nameOf({ key, shiftKey, ctrlKey, metaKey }) {
  const isCommand = ctrlKey || metaKey;
  const name = isCommand && !shiftKey && key.length === 1 ? key.toLowerCase() : key; // Caps Lock makes no difference
  return `${isCommand ? "Ctrl+" : ""}${shiftKey && key.length > 1 ? "Shift+" : ""}${name}`;
}

// The name of the action that the key of an event has in a scope, or undefined. Shift makes no difference, but where an
// entry says so.
export function actionOf(scope, event) {
  if (event.altKey || event.key === undefined) return undefined; // autofill sends events without a key
  const find = (name) => keymap.find((shortcut) => shortcut.scope === scope && shortcut.keys.includes(name))?.action;
  const name = nameOf(event);
  return find(name) ?? find(name.replace("Shift+", ""));
}

// The keys of all actions of a scope.
export const keysOf = (scope) => keymap.filter((shortcut) => shortcut.scope === scope).flatMap(({ keys }) => keys);

// The shortcuts that the help lists, each with what it shows and says.
export const helpEntries = () =>
  keymap.filter(({ help, keys }, at) => help && keys.length === everything[at].keys.length).map((
    { action, keys, shown, help },
  ) => ({
    action,
    help,
    shown: shown ?? keys.join(", "),
  }));
