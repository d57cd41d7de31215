// Makes elements out of their parts: no script makes markup out of text.
export function element(name, content = [], properties = {}) {
  const made = document.createElement(name);
  made.append(...[content].flat());
  return Object.assign(made, properties);
}
