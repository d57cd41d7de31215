// A form with a file shows how far it is; without this script it is sent as any other.
const LARGE = 256 * 1024;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches?.("form[data-upload]") || form.isSending) return;
  const file = form.querySelector("[type=file]")?.files[0];
  if (!file || file.size < LARGE) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (file.size > 10 * 1024 * 1024) return complain("This file is larger than 10 MB. Nothing was sent.");
  send(form);
}, true);

function complain(text) {
  document.dispatchEvent(new CustomEvent("tmr:notice", { detail: { text, bad: true } }));
}

function send(form) {
  const bar = document.createElement("progress");
  const line = document.createElement("div");
  const stop = document.createElement("button");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", "Uploading");
  stop.type = "button";
  stop.className = "btn small";
  stop.textContent = "Stop";
  line.className = "uploading";
  line.append(bar, stop);
  const request = new XMLHttpRequest();
  stop.addEventListener("click", () => request.abort());
  request.upload.addEventListener("progress", (event) => { bar.value = event.loaded / event.total; });
  request.addEventListener("load", () => finish(form, request, line));
  request.addEventListener("error", () => end(form, line, "Not uploaded: no connection. Nothing was kept; try again."));
  request.addEventListener("abort", () => end(form, line, "Stopped. Nothing was kept of the file."));
  request.open("POST", form.action);
  request.responseType = "document"; // the browser parses the answer: no script of ours makes markup of text
  form.isSending = true;
  form.append(line);
  stop.focus();
  request.send(new FormData(form));
}

function end(form, line, text) {
  form.isSending = false;
  line.remove();
  complain(text);
}

// The answer is a page: where it led to is where a form without scripts would have gone.
function finish(form, request, line) {
  if (request.status === 200) {
    form.isSending = false;
    line.remove();
    form.reset();
    const here = new URL(request.responseURL);
    if (here.pathname + here.search === location.pathname + location.search) location.reload();
    else location.assign(request.responseURL);
    return;
  }
  const error = request.response?.querySelector("#file-error, .error, .notice.bad");
  end(form, line, error?.textContent.trim() || "Not uploaded: the server had a problem. Nothing was kept; try again.");
}
