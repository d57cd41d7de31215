"""JSON as pages have it in them: with comments around it, commas too many, line ends in texts, or its end missing."""

import json
import re
from html import unescape
from typing import Any

MOST_CHARS = 1_000_000
_DEEPEST = 40
_MOST_VALUES = 50_000
_WRAPPING = re.compile(
    r"<!--|-->|//\s{0,9}<!\[CDATA\[|//\s{0,9}\]\]>|/\*\s{0,9}<!\[CDATA\[\s{0,9}\*/|/\*\s{0,9}\]\]>\s{0,9}\*/"
)
_OPENING = re.compile(r"[{\[]")
_SPACE = re.compile(r"[\s,;]*+")
_AFTER_TEXT = re.compile(r"\s*+(?:[:}\]]|$|,\s*+(?:[\"'{\[}\]]|-?\d|true\b|false\b|null\b|$))")
_BARE = re.compile(r"[^\s,:{}\[\]\"']++")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\n", "b": "", "f": ""}
_WORDS = {"true": True, "false": False, "null": None}
_SURROGATES = re.compile("[\ud800-\udfff]")


def read_json(text: str) -> list[Any]:
    """Return the values in ``text``, as far as they can be read; nothing for what is no JSON at all."""
    if len(text) > MOST_CHARS:
        return []
    bare = text.strip().lstrip("\ufeff").rstrip("; \n\t")
    if "&quot;" in bare and '"' not in bare:
        bare = unescape(bare)
    for candidate in (bare, _WRAPPING.sub(" ", bare).strip()):
        try:
            return [json.loads(candidate, strict=False)]
        except (ValueError, RecursionError):
            continue
    reader = _Reader(_WRAPPING.sub(" ", bare))
    return reader.values()


class _Reader:
    """Reads what is nearly JSON, one character after the other, and never goes back."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._left = _MOST_VALUES

    def values(self) -> list[Any]:
        """Return the objects and lists that stand one after the other."""
        found = []
        while (start := self._next_opening()) >= 0:
            self._at = start
            found.append(self._value(0))
        return found

    def _next_opening(self) -> int:
        if self._left <= 0:
            return -1
        match = _OPENING.search(self._text, self._at)
        return match.start() if match else -1

    def _value(self, depth: int) -> Any:
        self._left -= 1
        char = self._text[self._at : self._at + 1]
        if char and char in "{[":
            return self._inside(depth, char)
        if char and char in "\"'":
            return self._string(char)
        match = _BARE.match(self._text, self._at)
        self._at = match.end() if match else self._at + 1
        word = match[0] if match else ""
        return _WORDS.get(word, word)

    def _inside(self, depth: int, opening: str) -> Any:
        made: dict[str, Any] = {}
        listed: list[Any] = []
        self._at += 1
        if depth >= _DEEPEST:
            self._left = 0
        while self._left > 0:
            self._skip()
            char = self._text[self._at : self._at + 1]
            if not char or char in "}]":
                self._at += 1
                break
            value = self._value(depth + 1)
            if opening == "[":
                listed.append(value)
                continue
            self._skip()
            if self._text[self._at : self._at + 1] == ":":
                self._at += 1
                self._skip()
                made[str(value)] = self._value(depth + 1)
        return made if opening == "{" else listed

    def _skip(self) -> None:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _string(self, quote: str) -> str:
        """Return a text: it ends at the first quote that something follows which can follow a text."""
        start = at = self._at + 1
        while (at := self._text.find(quote, at)) >= 0:
            is_escaped = self._text[at - 1] == "\\" and self._text[at - 2] != "\\"
            if not is_escaped and _AFTER_TEXT.match(self._text, at + 1):
                break
            at += 1
        end = at if at >= 0 else len(self._text)
        self._at = end + 1
        return _SURROGATES.sub("", _ESCAPE.sub(_unescaped, self._text[start:end]))


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else _ESCAPES.get(match[2], match[2])
