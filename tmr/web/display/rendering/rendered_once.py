"""Partials that show no one's data: rendered once, then only filled with each request's token, nonce and counts."""

import re
from collections.abc import Hashable
from typing import Any

from flask import g, render_template
from markupsafe import Markup, escape

from tmr.domain.kinds import BY_KEY
from tmr.web.display.locales import number
from tmr.web.session.csrf import csrf_token
from tmr.web.transport.headers import nonce

MAX_CACHED = 500  # when it is full it starts over, which costs one rendering of each
# Markers that no template contains; each request puts its values in their places.
_NONCE, _TOKEN = "\x02nonce\x03", "\x02token\x03"
_COUNT = re.compile("\x02count (\\w+)\x03")
_cached: dict[Hashable, str] = {}


def rendered_once(name: str, *key: Hashable, **context: Any) -> Markup:
    """Return the partial ``name``. Everyone gets the same one: ``context`` must follow from ``key``."""
    place = (name, *key)
    if place not in _cached:
        if len(_cached) >= MAX_CACHED:
            _cached.clear()
        markers = {"nonce": lambda: _NONCE, "csrf_token": lambda: _TOKEN, "count": "\x02count {}\x03".format}
        _cached[place] = _squeezed(render_template(name, **markers, **context))
    text = _COUNT.sub(_count, _cached[place].replace(_NONCE, nonce()))
    return Markup(text.replace(_TOKEN, csrf_token()) if _TOKEN in text else text)  # noqa: S704 - escaped by Jinja


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("> <", "><")


def _count(marker: re.Match[str]) -> str:
    """Write how many records of a kind there are, as attributes of the link to them; nothing where there are none."""
    kind, count = BY_KEY[marker[1]], g.get("counts", {}).get(marker[1], 0)
    words = escape(number(count))
    return f' data-count="{words}" aria-label="{kind.heading}, {words}"' if count > 0 else ""
