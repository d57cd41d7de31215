"""The bookmarklet: a script in an address, which browsers run on any page, whatever that page's policy is."""

from functools import cache
from urllib.parse import quote

from rjsmin import jsmin

from tmr.web.services import services
from tmr.web.transport.static_files import SOURCE

_SAFE = "(){}[]<>=;:,.!?*+-/|&'`~^@$"
_SCRIPT = SOURCE / "scripts" / "capture" / "bookmarklet.js"


def bookmarklet() -> str:
    """Return the address to keep as a bookmark; it opens this installation."""
    return _written(services().settings.base_url)


@cache
def _written(base_url: str) -> str:
    script = str(jsmin(_SCRIPT.read_text(encoding="utf-8"))).replace('"HOME"', f'"{base_url}"')
    return f"javascript:{quote(script, safe=_SAFE)}"
