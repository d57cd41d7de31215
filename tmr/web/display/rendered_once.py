"""Partials that show nothing of a person: rendered once, then only given the request's token and nonce."""

import re
from collections.abc import Hashable
from typing import Any

from flask import render_template
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from tmr.web.transport.headers import nonce

MAX_KEPT = 500
# Markers that no template writes; each request's own values take their places.
_NONCE, _TOKEN = "\x02nonce\x03", "\x02token\x03"
_kept: dict[Hashable, str] = {}


def rendered_once(name: str, *key: Hashable, **context: Any) -> Markup:
    """Return the partial ``name``; ``context`` must follow from ``key`` and hold nothing that a person wrote."""
    place = (name, *key)
    if place not in _kept:
        if len(_kept) >= MAX_KEPT:
            _kept.clear()
        _kept[place] = _squeezed(render_template(name, nonce=lambda: _NONCE, csrf_token=lambda: _TOKEN, **context))
    text = _kept[place].replace(_NONCE, nonce())
    return Markup(text.replace(_TOKEN, generate_csrf()) if _TOKEN in text else text)  # noqa: S704 - escaped by Jinja


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("> <", "><")
