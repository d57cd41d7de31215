// Says in #messages what happened.
import { element } from "../elements.js";

export function showNotice(text, { isError = false, action } = {}) {
  const notice = element("div", action ? [element("span", text), action] : text, {
    className: isError ? "notice bad" : "notice",
  });
  document.getElementById("messages")?.replaceChildren(notice);
}
