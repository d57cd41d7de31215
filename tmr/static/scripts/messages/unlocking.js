// While the records are locked, what was sent waits on the page. Once they are open it is sent again, so that nothing
// that was typed is lost. What has its own line, such as the cells of a grid and the cards of the board, hears
// `tmr:unlocked` by itself; what no element sent is asked for by a script that does so too.
const waiting = new Map(); // what sent a request → the request
let focusedBefore = null;

const isOfItself = (source) => source === document.body || source.closest("[data-unlock], .editor, #cells, #move");

document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  const source = ctx.sourceElement;
  if (ctx.response.status !== 423 || !source || isOfItself(source)) return;
  waiting.set(source, ctx);
  if (source.closest("#messages")) putAside(source);
});

// A message makes room for the form that unlocks; what was sent from it, such as its undo, is sent once more.
function putAside(source) {
  source.hidden = true;
  source.dataset.aside = "";
  document.body.append(source);
}

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  if (ctx.sourceElement?.matches?.("[data-aside]") && ctx.response?.status !== 423) ctx.sourceElement.remove();
});

// The form that is there may have half a password in it: what else finds them closed waits with the rest.
document.addEventListener("htmx:before:swap", (event) => {
  const { response, sourceElement } = event.detail.ctx;
  const form = document.querySelector("#messages [data-unlock]");
  if (response?.status === 423 && form && form !== sourceElement) event.preventDefault();
});

// The form asks at once for the password, or for the passkey of an account without one. When it has done its work, the
// keyboard goes on where it was.
document.addEventListener("htmx:after:swap", () => {
  const forms = "#messages [data-unlock]";
  const first = document.querySelector(`${forms} [type=password]`) ?? document.querySelector(`${forms} button`);
  if (!first || first === document.activeElement) return;
  if (!document.activeElement?.closest("[data-unlock]")) focusedBefore = document.activeElement;
  first.focus();
});

function sendAgain({ sourceElement: source, sourceEvent, request, target, swap, values }) {
  // What a script asks for in the name of a link is not what a click on it does.
  if (!(sourceEvent instanceof Event)) htmx.ajax(request.method, request.action, { source, target, swap, values });
  else if (source.matches("form")) source.requestSubmit(request.submitter?.isConnected ? request.submitter : undefined);
  else if (source.matches("a, button")) source.click();
  else location.reload();
}

document.addEventListener("tmr:unlocked", () => {
  const requests = [...waiting.values()].filter(({ sourceElement }) => sourceElement.isConnected);
  waiting.clear();
  if (focusedBefore?.isConnected) focusedBefore.focus();
  focusedBefore = null;
  for (const request of requests) sendAgain(request);
});
