// An answer goes into the place that it was asked for, even where an earlier answer has drawn that place again since:
// htmx would drop it, with its message. What a place asked for to draw itself is out of date by then, and is dropped.
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const { sourceElement, target } = ctx;
  if (target?.isConnected !== false || !target.id || sourceElement === target) return;
  const place = document.getElementById(target.id);
  ctx.target = place ?? document.body;
  if (!place) ctx.swap = "none";
});
