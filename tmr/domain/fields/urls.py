"""When two addresses lead to the same posting."""

import base64
import hashlib
from urllib.parse import parse_qsl, urlencode, urlsplit

from tmr.domain.fields.type import Wire

_TRACKING = ("utm_", "trk", "ref", "refid", "src", "gclid", "fbclid")


def url_hash(url: Wire) -> str | None:
    """Return a short hash that is the same for all spellings of one address, or None for what is no text."""
    if not isinstance(url, str):
        return None
    digest = hashlib.sha256(normalised_url(url).encode()).digest()
    return base64.b64encode(digest[:12]).decode()


def normalised_url(url: str) -> str:
    """Return ``url`` without scheme, ``www.``, fragment, trailing slash and tracking parameters."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    kept = [(key, value) for key, value in parse_qsl(parts.query) if not key.lower().startswith(_TRACKING)]
    return f"{host}{parts.path.rstrip('/')}?{urlencode(sorted(kept))}"
