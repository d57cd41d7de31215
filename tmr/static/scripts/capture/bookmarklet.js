// Runs on the page of a posting as a bookmark: no script of that page, and nothing but its own window, comes here.
// It opens this installation with what the page says in the fragment of the address, which no server sees.
(() => {
  const home = "HOME";
  const most = 40000; // characters of a text
  const all = (selector, count) => [...document.querySelectorAll(selector)].slice(0, count);
  const plain = (value) => String(value ?? "").replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const data = "script[type='application/ld+json']";
  const main = document.querySelector("main,[role=main],article") ?? document.body;
  const lines = (String(getSelection()).trim() || main.innerText).slice(0, most).split("\n");
  const page = [
    `<html lang="${plain(document.documentElement.lang)}"><title>${plain(document.title)}</title>`,
    ...all("meta[property^='og:'],meta[name=description],link[rel=canonical]", 20).map((one) => one.outerHTML),
    ...all(data, 20).map((one) => `<script type="application/ld+json">${one.textContent.slice(0, most)}</script>`),
    ...all("[itemtype*=JobPosting]", 1).map((one) => one.outerHTML.slice(0, most)),
    ...all("h1", 2).map((one) => `<h1>${plain(one.innerText)}</h1>`),
    ...lines.map((line) => `<p>${plain(line)}</p>`),
  ];
  const sent = new URLSearchParams({ capture: "1", window: "1", url: location.href, text: page.join("\n") });
  if (!open(`${home}/capture#${sent}`, "_blank", "popup,width=620,height=820")) {
    alert("This page lets no window open. Copy the posting, and paste it in TrackMyRoles under “Add from a posting”.");
  }
})();
