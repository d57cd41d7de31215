// Says that the connection is lost, keeps what was typed, and offers to send it again.
import { element } from "../elements.js";
import { showNotice } from "./notice.js";

const UNSAVED = "You’re offline. Not saved yet, your text is still here.";
const UNREAD = "You’re offline. Nothing was lost.";

export function sayOffline(source, submitter, method) {
  const again = element("button", "Try again", { type: "button", className: "link" });
  again.addEventListener("click", () => {
    if (!source.isConnected) return location.reload();
    if (source.matches("form")) return source.requestSubmit(submitter?.isConnected ? submitter : undefined);
    source.click();
  });
  showNotice(method === "GET" ? UNREAD : UNSAVED, { isError: true, action: again });
}

// A form that is sent as a page would be lost with the page: it waits here. Forms of htmx have said so by now.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || navigator.onLine || event.target.method === "dialog") return;
  event.preventDefault();
  sayOffline(event.target, event.submitter, event.target.method.toUpperCase());
});
