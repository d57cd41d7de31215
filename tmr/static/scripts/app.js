// What every page loads, and where the scripts of some pages run (bundles.py). Modules that listen to the same event
// hear it in this order.
import "./has_scripts.js";
import "./keyboard/composition.js";
import "./messages/messages.js";
import "./page/places.js";
import "./keyboard/shortcuts.js";
import "./grid/grid.js";
import "./forms/unsaved.js";
import "./forms/quick_add.js";
import "./forms/focus.js";
import "./forms/dated.js";
import "./page/flyouts.js";
import "./page/record.js";
import "./lists/sorting.js";
import "./lists/tab_stop.js";
import "./lists/lines.js";
import "./lists/picking.js";
import "./lists/swiping.js";
import "./lists/opening.js";
import "./lists/month.js";
import "./lists/counts.js";
import "./keyboard/palette.js";
import "./keyboard/undo.js";
import "./files/files.js";
import "./account/passwords.js";
import "./account/time_zone.js";
import "./offline.js";
