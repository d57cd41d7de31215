// What the calendar loads.
import "./calendar.js";
import "./days.js";
