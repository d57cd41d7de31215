// What a bookmarklet or a phone hands over is in the fragment of the address, which no server sees: it fills the form.
const form = document.querySelector("#capture-read");
// Any site can open such an address. Reading keeps nothing and costs little; what is longer waits for a click.
const most = 200000; // characters that are sent without one

function take() {
  const sent = new URLSearchParams(location.hash.slice(1));
  if (!form || !sent.has("capture")) return;
  history.replaceState(null, "", location.pathname); // out of the history too
  form.elements.pasted.value = sent.get("text") ?? "";
  form.elements.url.value = sent.get("url") ?? "";
  if (sent.has("window")) form.append(mark());
  const isShort = form.elements.pasted.value.length <= most && form.elements.url.value.length <= 2000;
  // Behind htmx, which begins in such a turn of its own.
  setTimeout(() => (isShort ? form.requestSubmit() : form.querySelector("[type=submit]").focus()));
}

function mark() {
  const field = document.createElement("input");
  return Object.assign(field, { type: "hidden", name: "window", value: "1" });
}

take();
addEventListener("hashchange", take);

// What was found is below what was pasted: a person goes on there, and sees it.
document.addEventListener("htmx:after:swap", () => {
  const head = document.querySelector("#captured h2");
  if (!head || head.hasAttribute("tabindex") || document.querySelector("#captured [aria-invalid]")) return;
  head.tabIndex = -1;
  head.focus({ preventScroll: true });
  head.scrollIntoView({ block: "start" });
});

// The window that the bookmarklet has opened is of no more use once the application is kept.
document.addEventListener("htmx:after:swap", () => {
  if (document.querySelector("[data-close-window]")) close();
});
