// The days of a month are one tab stop: the day with the focus, and its entries. The arrow keys go on from it.
import { actionOf } from "../keyboard/keymap.js";

const WEEK = 7;
let lastDay = null;

const daysShown = () => [...document.querySelectorAll("#calendar td[data-day]")].filter((day) => day.checkVisibility());

function stopAt(day) {
  lastDay = day.dataset.day;
  for (const link of document.querySelectorAll("#calendar td[data-day] a")) {
    link.tabIndex = day.contains(link) ? 0 : -1;
  }
}

function makeOneTabStop() {
  const days = daysShown();
  const day = days.find(({ dataset }) => dataset.day === lastDay) ?? days.find((each) => each.matches(".today"));
  if (days.length) stopAt(day ?? days[0]);
}

// How many days a key goes; where the days stand below each other, the next one is the one below.
function stepOf(key, days) {
  const isTable = days.length > 1 && days[0].offsetTop === days[1].offsetTop;
  return { ArrowLeft: -1, ArrowRight: 1, ArrowUp: isTable ? -WEEK : -1, ArrowDown: isTable ? WEEK : 1 }[key];
}

document.addEventListener("keydown", (event) => {
  const day = event.target.closest?.("#calendar td[data-day]");
  if (!day || event.ctrlKey || event.metaKey || actionOf("days", event) !== "go") return;
  event.preventDefault();
  const days = daysShown();
  days[days.indexOf(day) + stepOf(event.key, days)]?.querySelector("a.day").focus();
});

document.addEventListener("focusin", ({ target }) => {
  const day = target.closest?.("#calendar td[data-day]");
  if (day) stopAt(day);
});

document.addEventListener("htmx:after:swap", makeOneTabStop);
makeOneTabStop();
