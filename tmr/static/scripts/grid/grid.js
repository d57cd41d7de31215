// What the grid's page loads on top. It runs where app.js imports it, so that events are heard in this order.
import "./editing.js";
import "../ranges/setting.js";
import "./movement.js";
import "../ranges/clipboard.js";
import "../ranges/selecting.js";
import "../commands/letters.js";
import "../commands/replacing.js";
import "../columns/screen.js";
import "../columns/loading.js";
import "./bulk.js";
