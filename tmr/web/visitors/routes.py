"""What browsers, phones and search engines ask for by fixed addresses: icons, the manifest, the worker, robots.txt."""

import base64
import hashlib
from pathlib import Path

import msgspec
from flask import Blueprint, Response, current_app, render_template
from markupsafe import Markup

from tmr.web.services import services
from tmr.web.session.guards import public
from tmr.web.transport.headers import policy_of_this_answer
from tmr.web.transport.static_files import SOURCE
from tmr.web.visitors.installation import is_private

blueprint = Blueprint("visitors", __name__)

THEME, PAPER = "#0a6a60", "#fcfcfa"  # the accent and the paper of tokens.css, in light colours
ICONS = (("icons/192.png", "192x192", "any"), ("icons/512.png", "512x512", "any"))
MASKABLE = ("icons/maskable.png", "512x512", "maskable")
# Nothing on that page connects to anything: it has no scripts. Checkers ask for robots.txt from the page, though.
OFFLINE_POLICY = (
    "default-src 'none'; style-src '{style}'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
WORKER_POLICY = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"
NOBODY = "User-agent: *\nDisallow: /\n"
FRONT_ONLY = "User-agent: *\nAllow: /$\nAllow: /privacy$\nAllow: /static/\nDisallow: /\n"


@blueprint.get("/manifest.webmanifest")
@public
def show_manifest() -> Response:
    """Return what a phone or a desktop needs to install the app: names, icons, colours, and where it starts."""
    icons = [
        {"src": _address(name), "sizes": sizes, "type": "image/png", "purpose": purpose}
        for name, sizes, purpose in (*ICONS, MASKABLE)
    ]
    manifest = {
        "id": "/",
        "name": "TrackMyRoles",
        "short_name": "TrackMyRoles",
        "description": "Applications, people, interviews and offers in one calm place.",
        "lang": "en",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": THEME,
        "background_color": PAPER,
        "icons": icons,
        # A POST, so that what is shared is in no address that a server is asked for: the service worker takes it.
        "share_target": {
            "action": "/capture/share",
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"title": "title", "text": "text", "url": "url"},
        },
        "shortcuts": [
            {"name": "New application", "url": "/applications?new=1"},
            {"name": "Add from a posting", "url": "/capture"},
            {"name": "Today", "url": "/today"},
        ],
    }
    return Response(msgspec.json.encode(manifest), mimetype="application/manifest+json")


@blueprint.get("/service-worker.js")
@public
def show_service_worker() -> Response:
    """Return the service worker; it changes with the offline page, so that browsers fetch that again."""
    policy_of_this_answer(WORKER_POLICY)
    page = hashlib.sha256(_offline_page().encode()).hexdigest()
    return Response(f"{_published('service-worker.js')}\n// The offline page is {page}.\n", mimetype="text/javascript")


@blueprint.get("/offline")
@public
def show_offline() -> Response:
    """Return the page that the service worker shows without a connection; it is the same for everyone."""
    policy_of_this_answer(OFFLINE_POLICY.format(style=_hash_of(_published("offline.css"))))
    return Response(_offline_page(), mimetype="text/html")


@blueprint.get("/robots.txt")
@public
def show_robots() -> Response:
    """Let search engines read the landing page and the promises, and on a private installation nothing."""
    return Response(NOBODY if is_private() else FRONT_ONLY, mimetype="text/plain")


@blueprint.get("/favicon.ico")
@public
def show_favicon() -> Response:
    """Return the icon for what asks for it without reading a page."""
    icon = Response((SOURCE / "icons" / "favicon.ico").read_bytes(), mimetype="image/x-icon")
    icon.headers["Cache-Control"] = "public, max-age=86400"
    return icon


def _offline_page() -> str:
    # Our own sheet, without signs that HTML would read: Jinja must not escape it, or its hash would not match.
    return render_template("layouts/offline.html", style=Markup(_published("offline.css")))  # noqa: S704


def _address(name: str) -> str:
    return str(current_app.jinja_env.globals["static"](name))  # type: ignore[operator]


def _published(name: str) -> str:
    """Return a style sheet or script as it is served, from the copy with its hash in the name."""
    copy = Path(_address(name)).name
    return (services().settings.data_dir / "static" / copy).read_text(encoding="utf-8")


def _hash_of(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
