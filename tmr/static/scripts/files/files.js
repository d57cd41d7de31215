// What pages with files load: files that are dropped, forms that find what they would add, and how far a file is.
import "./drop_on_form.js";
import "./drop_on_page.js";
import "../page/finding.js";
import "./upload.js";
