// The places of the menu that `g` opens: one letter is enough.
export function placesLevel() {
  const links = [...document.querySelectorAll("[data-go]")];
  const options = links.map((link) => ({
    label: link.textContent.trim(),
    run: () => link.click(),
    key: link.dataset.go,
  }));
  return {
    label: "Go to",
    kind: "place",
    options,
    atOnce: (text) => options.find(({ key }) => key === text),
  };
}
