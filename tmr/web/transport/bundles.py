"""The style sheets and scripts that pages can load, and which files each is made from."""

# The parts of each style sheet, in this order. A page loads app.css, and of the others what it shows: views.css holds
# what several views share, the rest is for one page or a few.
STYLES = {
    "app.css": (
        "base/reset.css",  # first: it also names the layers, in their order
        "base/tokens.css",
        "base/text.css",
        "base/controls.css",
        "base/dated.css",
        "base/dialog.css",
        "layout/shell.css",
        "layout/navigation.css",
        "layout/rows.css",
        "shared/buttons.css",
        "shared/filters.css",
        "grid/table.css",
        "grid/editor.css",
        "shared/status.css",
        "shared/blocks.css",
        "grid/quick_add.css",
        "shared/fields.css",
        "shared/keyboard.css",
        "shared/notices.css",
        "shared/visibility.css",
    ),
    "views.css": (
        "records/page.css",
        "records/interview.css",
    ),
    "today.css": (
        "records/page.css",  # as in views.css: the page that is opened most needs one request less
        "records/interview.css",
        "page/flyout.css",
        "today/parts.css",
        "today/line.css",
        "today/menu.css",
        "today/interview.css",
    ),
    "record.css": (
        "records/panels.css",
        "page/head.css",
        "page/flyout.css",
        "page/steps.css",
        "page/next.css",
        "page/activity.css",
        "page/rail.css",
        "page/phone.css",
    ),
    "grid.css": (
        "grid/bulk.css",
        "grid/ranges.css",
        "grid/commands.css",
        "grid/columns.css",
    ),
    "report.css": ("reports/proof.css",),
    "lines.css": ("page/flyout.css", "records/lines.css"),
    "imports.css": ("shared/mapping.css", "shared/imports.css"),
    "activity.css": ("records/activity.css",),
    "board.css": ("grid/bulk.css", "records/board.css"),
    "calendar.css": ("records/calendar.css",),
    "charts.css": ("records/charts.css",),
    "compare.css": ("records/compare.css",),
    "fields.css": ("page/flyout.css", "account/fields.css"),
    "stages.css": ("shared/mapping.css", "records/stages.css"),
    "front.css": (
        "front/page.css",
        "front/product.css",
        "front/sections.css",
    ),
    "offline.css": ("front/offline.css",),
    "account.css": (
        "layout/entrance.css",
        "account/forms.css",
        "account/settings.css",
        "account/sections.css",
        "account/security.css",
        "account/facts.css",
        "account/privacy.css",
        "account/support.css",
    ),
}

# The module that each script starts from. On a page that loads two scripts, a module that both import runs twice, so it
# must not keep state or listen to events.
SCRIPTS = {
    "app.js": "app.js",
    "board.js": "board/board.js",
    "bookmarklet.js": "capture/bookmarklet.js",
    "capture.js": "capture/capture.js",
    "carrying.js": "forms/carrying.js",
    "copy.js": "account/copy.js",
    "one_stop.js": "forms/one_stop.js",
    "passkeys.js": "account/passkeys.js",
    "service-worker.js": "service_worker.js",
    "strength.js": "account/strength.js",
    "unlocking.js": "messages/unlocking.js",
}

# Modules of app.js that are scripts apart: a page that uses one loads it before app.js, which runs it in its place.
APART = {
    "grid.js": "grid/grid.js",
    "record.js": "page/record.js",
    "files.js": "files/files.js",
    "calendar.js": "lists/month.js",
}

# Modules that are loaded when they are needed, each as one module that gives away the same. What is said above of
# two scripts on a page holds for these too.
LATER = {"columns.js": "columns/columns.js", "later.js": "later.js"}

# Released files that pages load together. They stay as they are.
RELEASED = {"htmx.js": ("vendor/htmx.min.js", "vendor/hx-csp.min.js")}
