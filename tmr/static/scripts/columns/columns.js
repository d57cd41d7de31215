// What the columns of a list are changed with: loaded when someone comes near their heads (loading.js).
import "./heads.js";
import "./resizing.js";
import "./dragging.js";
import "./menu.js";
import "./chooser.js";
