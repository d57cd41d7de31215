// A form with a file shows how far it is; without this script it is sent as any other.
import { element } from "../elements.js";
import { showNotice } from "../messages/notice.js";

const SHOWS_PROGRESS_BYTES = 256 * 1024;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches?.("form[data-upload]") || form.isSending) return;
  const file = form.querySelector("[type=file]")?.files[0];
  if (!file || file.size < SHOWS_PROGRESS_BYTES) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const maxMb = Number(form.dataset.upload);
  if (file.size > maxMb * 1024 * 1024) return complain(`This file is larger than ${maxMb} MB, so it was not uploaded.`);
  send(form);
}, true);

const complain = (text) => showNotice(text, { isError: true });

function send(form) {
  const bar = element("progress", [], { max: 1, value: 0 });
  const stop = element("button", "Stop", { type: "button", className: "btn small" });
  const progress = element("div", [bar, stop], { className: "uploading" });
  const request = new XMLHttpRequest();
  bar.setAttribute("aria-label", "Uploading");
  stop.addEventListener("click", () => request.abort());
  request.upload.addEventListener("progress", (event) => {
    bar.value = event.loaded / event.total;
  });
  request.addEventListener("load", () => finish(form, request, progress));
  request.addEventListener(
    "error",
    () => fail(form, progress, "You’re offline. The file was not uploaded: try again."),
  );
  request.addEventListener("abort", () => fail(form, progress, "Stopped. The file was not uploaded."));
  request.open("POST", form.action);
  request.responseType = "document"; // the browser parses the answer: no script of ours makes markup of text
  form.isSending = true;
  form.append(progress);
  stop.focus();
  request.send(new FormData(form));
}

function fail(form, progress, text) {
  form.isSending = false;
  progress.remove();
  complain(text);
}

// The answer is a page: where it led to is where a form without scripts would have gone.
function finish(form, request, progress) {
  if (request.status === 423) return waitForUnlock(form, progress);
  if (request.status !== 200) {
    const error = request.response?.querySelector("#file-error, .error, .notice.bad");
    const text = error?.textContent.trim() || "Something went wrong on our side. The file was not uploaded: try again.";
    return fail(form, progress, text);
  }
  form.isSending = false;
  progress.remove();
  form.reset();
  const here = new URL(request.responseURL);
  if (here.pathname + here.search === location.pathname + location.search) location.reload();
  else location.assign(request.responseURL);
}

// The records are locked: the file stays in the form, which is sent again once they are open.
function waitForUnlock(form, progress) {
  form.isSending = false;
  progress.remove();
  document.addEventListener("tmr:unlocked", () => form.isConnected && form.requestSubmit(), { once: true });
  htmx.ajax("GET", "/unlock", { target: "#messages", swap: "innerHTML" });
}
