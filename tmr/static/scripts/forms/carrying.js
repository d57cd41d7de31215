// A page that needs a sign-in first may have been opened with something in the fragment of its address, such as a
// posting. Browsers keep a fragment when they are redirected, but not when a form is sent: so the forms of the sign-in
// lead on with it. Others do not: they may lead to a provider's page, whose scripts could read it. They open in a tab
// of their own, as links to other pages do, so that this window keeps what it has, in no storage. It goes on once the
// person is back and signed in.
const isCarrying = location.hash.startsWith("#capture=");
let hasLeft = false;

async function goOn() {
  if (!hasLeft || document.visibilityState !== "visible") return;
  const answer = await fetch("/capture", { method: "HEAD", redirect: "manual" }).catch(() => null);
  if (answer?.ok) location.replace(`/capture${location.hash}`);
}

function leaveBy(element) {
  element.target = "_blank";
  element.rel = "noopener";
  element.addEventListener(element.matches("form") ? "submit" : "click", () => (hasLeft = true));
}

if (isCarrying) {
  for (const form of document.querySelectorAll("form[method=post]")) {
    const action = new URL(form.action);
    const leadsOn = action.origin === location.origin && /^\/login(\/|$)/.test(action.pathname);
    if (leadsOn) form.action = action.pathname + location.hash;
    else leaveBy(form);
  }
  document.querySelectorAll("main a[href]").forEach(leaveBy);
  document.querySelector("[data-carried]")?.removeAttribute("hidden");
  addEventListener("focus", goOn);
  document.addEventListener("visibilitychange", goOn);
}

// The bookmarklet is to be dragged to a bookmarks bar: on a page of ours it would only read that page.
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-bookmarklet]")) event.preventDefault();
});
