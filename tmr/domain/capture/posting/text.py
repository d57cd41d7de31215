"""The text of a posting as it is kept, from markup that may have been escaped once too often."""

import re
from html import unescape

from tmr.domain.capture.page.markup import read_page

MOST_CHARS = 50_000
_ESCAPED_TAG = re.compile(r"&(?:amp;)?lt;/?[a-z][a-z0-9]{0,9}\b", re.IGNORECASE)
_TAG = re.compile(r"<(?:/?[a-z][a-z0-9]{0,9}|br\s?/)[\s>/]", re.IGNORECASE)


def description_text(value: object) -> str:
    """Return a description as plain text, each block on a line of its own."""
    if not isinstance(value, str):
        return ""
    text = value[: MOST_CHARS * 6]
    for _ in range(2):
        if _ESCAPED_TAG.search(text) and not _TAG.search(text):
            text = unescape(text)
    if _TAG.search(text):
        text = "\n".join(read_page(text).lines)
    else:
        text = "\n".join(" ".join(line.split()) for line in unescape(text).splitlines())
    return re.sub(r"\n{3,}", "\n\n", unescape(text)).replace("\0", "").strip()[:MOST_CHARS]
