"""Folds words so that people may write them as they like."""

import re
import unicodedata

# Letters that Unicode does not decompose, and that people type without their stroke.
_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
# These letters and everything from the first combining mark on: the only ones that can differ from what is searched.
_SPECIAL = re.compile(f"[{''.join(_LETTERS)}]|[^\\x00-\\u02ff]")
_MARKS = "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.combining(chr(code)))
_RUN, _LONG_RUN = re.compile(f"[{_MARKS}]{{1,30}}"), re.compile(f"[{_MARKS}]{{31,}}")
_JOINER = "\N{COMBINING GRAPHEME JOINER}"
_SEPARATORS = re.compile(r"[\s_\-.]+")


def fold(word: str) -> str:
    """Return ``word`` without case, accents, spaces, ``-``, ``_`` and ``.``: ``Résumé`` and ``resume`` are one."""
    return _SEPARATORS.sub("", searchable(word))


def searchable(text: str) -> str:
    """Return ``text`` as search compares it: without case and accents."""
    if text.isascii():
        return text.lower()
    return _SPECIAL.sub(_plain, unicodedata.normalize("NFKD", _with_short_runs(text.casefold())))


def _with_short_runs(text: str) -> str:
    """Return ``text`` with no more than 30 combining marks in a row, as the Stream-Safe Text Format has it (UAX #15).

    Ordering marks takes time with the square of their number: 50,000 of them would take seconds.
    """
    return _LONG_RUN.sub(lambda run: _JOINER.join(_RUN.findall(run[0])), text)


def _plain(match: re.Match[str]) -> str:
    char = match[0]
    return "" if unicodedata.combining(char) else _LETTERS.get(char, char)
