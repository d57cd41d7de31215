// Opens an editor in a cell, saves it, and keeps what was typed when a save fails.
const shell = document.getElementById("cell-editor");
const waiting = new Map(); // row id → editors whose turn has not come: each save needs the version of the one before

const controlsOf = (form) => [...form.querySelectorAll(".controls > *")];
const typed = (form) => JSON.stringify(controlsOf(form).map((control) => control.value));
const isPicked = (control) => ["date", "datetime-local"].includes(control.type); // takes its digits one by one
const rowOf = (node) => node.closest("tr[data-id]");

const startValues = (cell) => {
  if (cell.dataset.values) return JSON.parse(cell.dataset.values);
  const tags = [...cell.querySelectorAll(".tag")].map((tag) => tag.textContent);
  return [cell.dataset.value ?? (tags.join("; ") || cell.textContent.trim())];
};

const words = (control) => control.selectedOptions?.[0]?.textContent ?? control.value;

function open(cell, replacement) {
  const template = document.querySelector(`template[data-editor="${CSS.escape(cell.dataset.field)}"]`);
  if (!shell || !template || cell.classList.contains("editing")) return;
  const form = shell.content.firstElementChild.cloneNode(true);
  form.querySelector(".controls").append(template.content.cloneNode(true));
  prepare(form, cell);
  const values = startValues(cell); // before the editor, whose words would count as the cell's
  const was = document.createElement("span"); // holds the column's width while the editor lies over the cell
  was.className = "was";
  was.append(...cell.childNodes);
  form.was = was;
  cell.replaceChildren(was, form);
  cell.classList.add("editing");
  cell.classList.remove("unsaved");
  fill(form, values);
  focusFirst(form, replacement);
  htmx.process(form);
}

function prepare(form, cell) {
  const list = document.getElementById("record-list");
  const address = `/${list.dataset.kind}/${rowOf(cell).dataset.id}`;
  form.action = address;
  form.setAttribute("hx-post", address);
  form.elements.cell.value = cell.dataset.field;
  form.elements.query.value = list.dataset.query;
  const bulk = document.getElementById("bulk");
  form.elements.csrf_token.value = bulk.elements.csrf_token.value;
  form.setAttribute("hx-nonce", bulk.getAttribute("hx-nonce"));
  form.field = cell.dataset.field;
  listen(form);
}

function fill(form, values) {
  controlsOf(form).forEach((control, position) => {
    const value = values[position] ?? "";
    const named = [...(control.options ?? [])].find((option) => option.text === value); // a cell shows the words
    control.value = named?.value ?? value;
  });
  form.startedAs = typed(form);
}

function focusFirst(form, replacement) {
  const [first] = controlsOf(form);
  first.focus();
  if (replacement === undefined) {
    first.select?.();
  } else if (first.tagName === "SELECT") {
    const match = [...first.options].find((one) => one.text.toLowerCase().startsWith(replacement.toLowerCase()));
    if (match) first.value = match.value;
  } else if (!isPicked(first)) {
    first.value = replacement;
  }
}

// `e` edits, and also begins many words: when more follows at once, it was the first letter of one.
function expectMore(form, letter) {
  const [first] = controlsOf(form);
  const opened = performance.now();
  first.addEventListener("keydown", (event) => {
    if (event.key.length !== 1 || event.ctrlKey || event.metaKey || performance.now() - opened > 350) return;
    if (first.tagName === "INPUT" && !isPicked(first)) {
      first.value = letter;
      first.setSelectionRange(1, 1);
    }
  }, { once: true });
}

// `s` opens the stage, and begins words too: what is the beginning of no stage's name was one, meant for the cell before.
function expectStage(form, from) {
  const [stages] = controlsOf(form);
  let typedSoFar = "";
  const listener = (event) => {
    if (!/^\p{Ll}$/u.test(event.key) || event.ctrlKey || event.metaKey) return stages.removeEventListener("keydown", listener);
    typedSoFar += event.key;
    const isName = [...stages.options].some((one) => one.text.toLowerCase().startsWith(typedSoFar));
    if (isName || new Set(typedSoFar).size === 1) return;
    event.preventDefault();
    close(form);
    from.focus();
    from.dispatchEvent(new CustomEvent("tmr:edit", { bubbles: true, detail: { text: `s${typedSoFar}` } }));
  };
  stages.addEventListener("keydown", listener);
}

function close(form) {
  const cell = form.parentElement;
  if (!cell) return;
  cell.replaceChildren(...form.was.childNodes);
  cell.classList.remove("editing", "saving", "unsaved");
}

function save(form) {
  if (form.isSaving) return;
  if (typed(form) === form.startedAs && !form.isForced) return close(form);
  const cell = form.parentElement;
  form.isSaving = true;
  form.hasNewToken = false;
  form.hidden = true;
  cell.classList.remove("editing", "unsaved");
  cell.classList.add("saving");
  const pending = document.createElement("span");
  pending.textContent = controlsOf(form).map(words).filter((text) => text !== "–").join(" ");
  cell.replaceChildren(pending, form);
  const row = rowOf(cell);
  const line = waiting.get(row.id) ?? [];
  waiting.set(row.id, [...line, form]);
  if (!line.length) submit(form);
}

function submit(form) {
  form.elements.version.value = rowOf(form).dataset.version;
  form.querySelector(".problem").replaceChildren();
  form.requestSubmit();
}

function listen(form) {
  form.addEventListener("submit", (event) => {
    if (form.isSaving) return;
    event.preventDefault(); // Enter in a field, or a button of the problem: our own queue goes first
    event.stopImmediatePropagation();
    if (event.submitter?.dataset.version) rowOf(form).dataset.version = event.submitter.dataset.version;
    form.isForced = true;
    setTimeout(() => save(form)); // a form ignores a submit from within its own
  });
  form.addEventListener("htmx:config:request", (event) => { form.ctx = event.detail.ctx; });
  form.addEventListener("htmx:before:response", (event) => {
    form.freshToken = event.detail.ctx.response.headers.get("X-CSRF-Token");
    if (event.detail.ctx.response.status === 401) event.preventDefault(); // stay: what was typed would be lost
  });
}

// On the document, since the form of a save that succeeded is gone from the page by then.
document.addEventListener("tmr:saved", ({ detail }) => {
  const row = document.querySelector(`tr[data-id="${CSS.escape(detail.id)}"]`);
  if (row) row.dataset.version = detail.version;
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  for (const [id, line] of waiting) {
    if (line[0].ctx === ctx) finish(id, line[0], ctx.response?.status ?? 0);
  }
});

function finish(id, form, status) {
  if (status === 403 && form.freshToken && !form.hasNewToken) {
    form.hasNewToken = true; // signed in again in another tab: the same save, with the token of that session
    form.elements.csrf_token.value = form.freshToken;
    setTimeout(() => submit(form));
    return;
  }
  form.isSaving = false;
  if (status < 200 || status >= 300) fail(form, status);
  const line = (waiting.get(id) ?? []).slice(1);
  if (line.length) waiting.set(id, line);
  else waiting.delete(id);
  if (line[0]) submit(line[0]);
}

const REASONS = {
  0: "Not saved: no connection. What you typed is kept.",
  401: "Not saved: you are signed out. Sign in again in another tab, then retry. What you typed is kept.",
  403: "Not saved: you are signed out. Sign in again in another tab, then retry. What you typed is kept.",
  404: "Not saved: this record was deleted elsewhere. What you typed is kept until you leave.",
};

function fail(form, status) {
  const cell = form.parentElement;
  if (!cell) return;
  cell.replaceChildren(form.was, form);
  form.hidden = false;
  form.isForced = true;
  cell.classList.remove("saving");
  cell.classList.add("editing", "unsaved");
  if (status !== 422 && status !== 409) explain(form, REASONS[status] ?? "Not saved: the server had a problem. What you typed is kept.");
  const [first] = controlsOf(form);
  first.setAttribute("aria-invalid", "true");
  const error = form.querySelector(".problem [id$=-error]");
  if (error) first.setAttribute("aria-describedby", error.id);
  if (!document.activeElement?.closest(".editor")) first.focus();
}

function explain(form, text) {
  const line = document.createElement("p");
  line.className = "error";
  line.textContent = text;
  const retry = document.createElement("button");
  retry.className = "btn small";
  retry.textContent = "Retry";
  form.querySelector(".problem").replaceChildren(line, retry);
}

function takeStored(button) {
  button.closest("td").classList.remove("unsaved");
  const list = document.getElementById("record-list");
  htmx.ajax("GET", `/${list.dataset.kind}${location.search}`, { target: "#record-list", swap: "outerHTML", source: list });
  document.dispatchEvent(new CustomEvent("tmr:notice", { detail: { text: "Showing what is stored." } }));
}

document.addEventListener("tmr:edit", ({ target, detail }) => {
  open(target, detail?.text);
  const form = target.querySelector(".editor");
  if (form && detail?.letter) expectMore(form, detail.letter);
  if (form && detail?.from) expectStage(form, detail.from);
  if (form && detail?.clear) {
    controlsOf(form).forEach((control) => { control.value = ""; });
    save(form);
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-take-stored]");
  if (button) takeStored(button);
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.(".editor");
  if (!form || event.isComposing || event.target.closest(".problem")) return;
  const controls = controlsOf(form);
  const isEdge = event.target === (event.shiftKey ? controls[0] : controls.at(-1));
  const stored = form.querySelector("[data-take-stored]");
  if (event.key === "Escape" && stored) return takeStored(stored);
  if (event.key === "Tab" && form.querySelector(".problem").childElementCount) return; // to the buttons of the problem
  const moves = { Escape: [0, 0], Enter: [event.shiftKey ? -1 : 1, 0], Tab: isEdge ? [0, event.shiftKey ? -1 : 1] : null };
  const move = moves[event.key];
  if (!move) return;
  event.preventDefault();
  const cell = form.parentElement;
  cell.dispatchEvent(new CustomEvent("tmr:leave", { bubbles: true, detail: { down: move[0], right: move[1] } }));
  if (event.key === "Escape") close(form);
  else save(form);
});

// Leaving a cell by mouse or touch saves it, as in a spreadsheet.
document.addEventListener("focusout", (event) => {
  const form = event.target.closest?.(".editor");
  if (!form || form.isSaving || form.contains(event.relatedTarget)) return;
  setTimeout(() => {
    const isOut = form.isConnected && !form.isSaving && !form.contains(document.activeElement);
    if (isOut && document.hasFocus() && !form.parentElement.classList.contains("unsaved")) save(form);
  });
});

// A list that is drawn anew would take an unsaved cell with it.
document.addEventListener("htmx:before:swap", (event) => {
  if (event.detail.ctx.target?.id !== "record-list" || !document.querySelector("td.unsaved")) return;
  event.preventDefault();
  const text = "A cell is not saved yet. Save it or press Esc in it first.";
  document.dispatchEvent(new CustomEvent("tmr:notice", { detail: { text, bad: true } }));
});

window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("td.unsaved, td.saving")) event.preventDefault();
});
