// A date in words: shows what the server understands while it is typed, and opens the browser's calendar.
import { element } from "../elements.js";
import { dateText } from "./local_text.js";

const PAUSE_MS = 200;
const asked = new WeakMap(); // field → the timer and the number of its last question

const textOf = (dated) => dated.querySelector("input[name]");

function answerOf(dated) {
  const input = textOf(dated);
  const place = dated.closest(".controls") ?? dated; // below the cell, whose controls are side by side
  if (place.nextElementSibling?.matches(".understood")) return place.nextElementSibling;
  const answer = element("output", [], { className: "understood", htmlFor: input.id });
  place.after(answer);
  return answer;
}

async function ask(dated, number) {
  const input = textOf(dated);
  const query = new URLSearchParams({ text: input.value, picker: dated.dataset.picker });
  if ("past" in dated.dataset) query.set("past", "1");
  const zone = input.form?.querySelector("[name=time_zone]")?.value || dated.closest("[data-zone]")?.dataset.zone;
  if (zone) query.set("time_zone", zone);
  const response = await fetch(`/understood?${query}`).catch(() => null); // offline, nothing is shown
  const words = response?.ok && !response.redirected ? await response.text() : "";
  if (asked.get(dated).number === number && dated.isConnected) answerOf(dated).textContent = words;
}

function askSoon(dated) {
  const last = asked.get(dated);
  clearTimeout(last?.timer);
  const number = (last?.number ?? 0) + 1;
  asked.set(dated, { number, timer: setTimeout(ask, PAUSE_MS, dated, number) });
}

// The browser's own input lies under the button, and is there only while its calendar is open.
function openCalendar(dated) {
  const input = textOf(dated);
  dated.querySelector(".day-picker")?.remove();
  const own = element("input", [], { type: dated.dataset.picker, className: "day-picker", tabIndex: -1 });
  own.setAttribute("aria-hidden", "true");
  own.value = (input.value === input.defaultValue && input.dataset.value || "").slice(0, 16);
  dated.append(own);
  own.addEventListener("change", () => {
    if (!own.value) return;
    input.value = dateText(own.value);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
    if (own.type === "date") input.focus(); // a time is chosen in steps, with the calendar open
  });
  own.showPicker();
}

document.addEventListener("input", ({ target }) => {
  const dated = target.name && target.closest?.(".dated");
  if (dated) askSoon(dated);
});

document.addEventListener("click", ({ target }) => {
  const dated = target.closest?.(".dated > button")?.parentElement;
  if (dated) openCalendar(dated);
});

document.addEventListener("keydown", (event) => {
  const dated = event.altKey && event.key === "ArrowDown" && event.target.closest?.(".dated");
  if (!dated) return;
  event.preventDefault();
  openCalendar(dated);
});
