// Moves cards by dragging, by keyboard and by a menu. A move that fails goes back to where the card was.
{
  const board = () => document.getElementById("board");
  const lists = () => [...document.querySelectorAll("#board ol[data-status]")];
  const open = () => lists().filter((list) => !("retired" in list.dataset));
  const cardOf = (target) => target.closest?.("#board li.card");
  const queue = [];
  let running = null;

  const notice = (text, bad) => document.dispatchEvent(new CustomEvent("tmr:notice", { detail: { text, bad } }));

  function count() {
    for (const list of lists()) {
      list.parentElement.querySelector("[data-count]").textContent = list.querySelectorAll(".card").length;
    }
  }

  function place(card, list, before) {
    list.insertBefore(card, before);
    count();
  }

  // The card stands in its new column at once; the save follows, one after another.
  function move(card, list, from, before) {
    if (list === from) return;
    count();
    card.classList.add("saving");
    queue.push({ id: card.id, status: list.dataset.status, from, before });
    if (!running) next();
  }

  function next() {
    running = queue.shift() ?? null;
    if (!running) return;
    const card = document.getElementById(running.id);
    const form = document.getElementById("move");
    if (!card || !form) return next();
    form.action = `/applications/${card.dataset.id}`;
    form.setAttribute("hx-post", form.action);
    form.elements.version.value = card.dataset.version;
    form.elements.status.value = running.status;
    form.requestSubmit();
  }

  function fail(job, text) {
    const card = document.getElementById(job.id);
    if (card) {
      card.classList.remove("saving");
      place(card, job.from, job.before?.isConnected ? job.before : null);
      card.focus();
    }
    if (text) notice(text, true);
  }

  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement?.id !== "move") return;
    if (ctx.response?.status === 200 && running) succeed(ctx.text);
  });

  function succeed(text) {
    const card = document.getElementById(running.id);
    const found = /data-version="(\d+)"/.exec(text);
    if (card && found) card.dataset.version = found[1];
    card?.classList.remove("saving");
  }

  document.addEventListener("htmx:finally:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement?.id !== "move" || !running) return;
    const job = running;
    const status = ctx.response?.status ?? 0;
    if (status !== 200) fail(job, { 0: "Not moved: no connection. The card is back where it was.", 404: "Not moved: this application was deleted elsewhere." }[status]);
    next();
  });

  function drag(list) {
    Sortable.create(list, {
      group: "board",
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      draggable: ".card",
      filter: "input",
      preventOnFilter: false,
      delay: 180,
      delayOnTouchOnly: true,
      scroll: true,
      forceAutoScrollFallback: true,
      scrollSensitivity: 60,
      bubbleScroll: true,
      sort: false,
      onStart: ({ item }) => { item.before = item.nextElementSibling; },
      onEnd: ({ item, to, from }) => {
        move(item, to, from, item.before);
        item.focus({ preventScroll: true });
      },
    });
  }

  function shift(card, by) {
    const from = card.parentElement;
    const all = open();
    const at = all.indexOf(from);
    const to = all[Math.min(Math.max(at + by, 0), all.length - 1)];
    send(card, to);
  }

  function send(card, to) {
    const from = card.parentElement;
    const before = card.nextElementSibling;
    if (!to || to === from) return;
    place(card, to, to.firstElementChild);
    card.focus();
    card.scrollIntoView({ block: "nearest", inline: "nearest" });
    move(card, to, from, before);
    notice(`Moved to ${to.dataset.label}.`);
  }

  function go(card, across, down) {
    const list = card.parentElement;
    if (down) return (down > 0 ? card.nextElementSibling : card.previousElementSibling)?.focus();
    const filled = lists().filter((one) => one.children.length);
    const at = filled.indexOf(list) + across;
    const row = [...list.children].indexOf(card);
    const to = filled[at]?.children;
    to?.[Math.min(row, to.length - 1)]?.focus();
  }

  let menuFor = null;
  function choose(card) {
    const menu = document.getElementById("move-menu");
    menuFor = card.id;
    menu.returnValue = "";
    menu.showModal();
  }

  function start() {
    document.getElementById("move-menu")?.addEventListener("close", (event) => {
      const card = document.getElementById(menuFor);
      const list = lists().find((one) => one.dataset.status === event.target.returnValue);
      card?.focus();
      if (card && list) send(card, list);
    });
    for (const list of open()) drag(list);
  }

  document.addEventListener("keydown", (event) => {
    const card = event.target.matches?.("#board li.card") ? event.target : null;
    if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = event.shiftKey;
    const action = {
      ArrowLeft: () => (by ? shift(card, -1) : go(card, -1, 0)),
      ArrowRight: () => (by ? shift(card, 1) : go(card, 1, 0)),
      ArrowUp: () => go(card, 0, -1),
      ArrowDown: () => go(card, 0, 1),
      s: () => choose(card),
      Enter: () => card.querySelector("a").click(),
      x: () => card.querySelector("input").click(),
    }[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("#board [data-move]");
    if (button) choose(button.closest("li.card"));
  });

  // From anywhere on the page, the board is one key away.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" || event.target !== document.body || document.querySelector("dialog[open]")) return;
    const first = document.querySelector("#board li.card");
    if (!first) return;
    event.preventDefault();
    first.focus();
  });

  if (board()) start();
}
