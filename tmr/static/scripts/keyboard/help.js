// The dialog that lists all shortcuts, drawn from the keymap and, for places, from the navigation.
import { element } from "../elements.js";
import { helpEntries } from "./keymap.js";

function places() {
  const links = [...document.querySelectorAll("[data-go]")];
  return links.flatMap((link) => [" ", element("kbd", link.dataset.go), ` ${link.textContent.trim()}`]);
}

function row({ action, shown, help }) {
  const words = action === "goTo" ? [help, ...places()] : help;
  return element("div", [element("dt", element("kbd", shown)), element("dd", words)]);
}

export function showHelp() {
  const list = element("dl", helpEntries().map(row), { className: "keys" });
  const form = element("form", element("button", "Close", { className: "btn" }), { method: "dialog" });
  const dialog = element("dialog", [element("h2", "Keyboard shortcuts"), list, form]);
  dialog.setAttribute("aria-label", "Keyboard shortcuts");
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  dialog.scrollTop = 0; // the focus is on the button at its end
}
