// Says in #messages what happened.
import { element } from "../elements.js";

export function showNotice(text, { isError = false } = {}) {
  const notice = element("div", text, { className: isError ? "notice bad" : "notice" });
  document.getElementById("messages")?.replaceChildren(notice);
}
