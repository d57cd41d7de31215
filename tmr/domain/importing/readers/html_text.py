"""HTML in a cell, as plain text."""

import re
from html import unescape
from html.parser import HTMLParser

# Only closing tags, and tags that need none, count: to a parser any "<" that a person typed begins a tag.
_LOOKS_LIKE_HTML = re.compile(r"</(p|div|ul|ol|li|h[1-6]|strong|b|i|em|span|a)\s*>|<(br|p|li)\s*/?>", re.IGNORECASE)
MAX_UNCLOSED = 20  # the parser's time grows with the square of the tags that never end, and no real HTML has many
_LONG_REFERENCE = re.compile("&#[0-9]{8,};?")  # Python reads no number of thousands of digits, and Unicode ends at 7
_BLOCKS = {"p", "div", "br", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr"}


def plain_text(text: str) -> str:
    """Return ``text`` without its tags, each block on its own line; a text without HTML is returned unchanged."""
    if not _LOOKS_LIKE_HTML.search(text) or text.count("<") > text.count(">") + MAX_UNCLOSED:
        return text
    parser = _Collector()
    try:
        parser.feed(without_long_references(text))
    except AssertionError:  # “<![x” begins what the parser does not know
        return text
    parser.keep_rest()
    lines = (" ".join(line.split()) for line in "".join(parser.pieces).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def without_long_references(text: str) -> str:
    """Return ``text`` with each reference to a number that is no character as the mark for that."""
    return _LONG_REFERENCE.sub("\ufffd", text)


class _Collector(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._skipped = 0

    def keep_rest(self) -> None:
        """Keep what follows a tag or a comment that never ends, as it is.

        Told to end instead, the parser would look for the end of each “<” in turn.
        """
        self.handle_data(unescape(self.rawdata))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._skipped += tag in ("script", "style")
        if tag in _BLOCKS:
            self.pieces.append("\n- " if tag == "li" else "\n")

    def handle_endtag(self, tag: str) -> None:
        self._skipped -= tag in ("script", "style") and self._skipped > 0
        if tag in _BLOCKS - {"br", "li"}:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.pieces.append(data)
