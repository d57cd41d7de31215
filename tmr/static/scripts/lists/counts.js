// The menu says how many records there are of each kind, also after some were added or deleted without a new page.
document.addEventListener("tmr:counted", ({ detail }) => {
  for (const link of document.querySelectorAll("nav.side a[data-go]")) {
    const count = detail[link.getAttribute("href").slice(1)];
    if (count === undefined) continue;
    const words = count.toLocaleString("en");
    link.toggleAttribute("data-count", count > 0);
    link.removeAttribute("aria-label");
    if (count < 1) continue;
    link.dataset.count = words;
    link.setAttribute("aria-label", `${link.querySelector("span").textContent}, ${words}`);
  }
});
