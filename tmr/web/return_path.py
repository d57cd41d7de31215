"""Where to go next: only to a path of this app, whatever a link or a form asks for."""

from urllib.parse import urlsplit

from flask import current_app
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

LONGEST_PATH = 1_000  # characters; it goes into cookies and redirects, and browsers and proxies accept 4 kB of those


def safe_path(wanted: str | None, default: str) -> str:
    """Return ``wanted`` if it is a path that the app answers by GET, else ``default``."""
    if not wanted or len(wanted) > LONGEST_PATH or not wanted.startswith("/") or wanted.startswith("//"):
        return default
    # Browsers read a backslash as a slash, and skip control characters: ``/\host`` would leave the app.
    if "\\" in wanted or any(not char.isprintable() or char.isspace() for char in wanted):
        return default
    return wanted if _is_answered(wanted) else default


def _is_answered(wanted: str) -> bool:
    try:
        parts = urlsplit(wanted)
        current_app.url_map.bind("localhost").match(parts.path, method="GET")
    except (HTTPException, RequestRedirect, ValueError):
        return False
    return not parts.scheme and not parts.netloc
