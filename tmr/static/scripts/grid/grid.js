// What the grid's page loads on top. It runs where app.js imports it, so that events are heard in this order.
import "./editing.js";
import "./movement.js";
import "../keyboard/first_letters.js";
import "./paste.js";
