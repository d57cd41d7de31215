// What the list loads once a cell, the box of a row or the form above has the focus: nobody waits for it to see the
// list.
import "./commands/boxes.js";
import "./forms/earlier.js";
import { addRows, offerRows, readClipboard } from "./grid/paste.js";
import { putInPlace } from "./grid/placing.js";
import { figuresOf } from "./ranges/figures.js";
import { fromHtml, fromTsv } from "./ranges/reading.js";

export const parts = { addRows, figuresOf, fromHtml, fromTsv, offerRows, putInPlace, readClipboard };
