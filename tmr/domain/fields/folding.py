"""Folds words so that people may write them as they like."""

import re
import unicodedata
from functools import cache

# Letters that Unicode does not decompose, and that people type without their stroke.
_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
# These letters and everything from the first combining mark on: the only ones that can differ from what is searched.
_SPECIAL = re.compile(f"[{''.join(_LETTERS)}]|[^\\x00-\\u02ff]")
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
    run_of_30, long_run = _runs_of_marks()
    return long_run.sub(lambda run: _JOINER.join(run_of_30.findall(run[0])), text)


@cache  # and not at the import: looking at 130,000 characters takes longer than most commands need for their work
def _runs_of_marks() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what matches up to 30 combining marks in a row, and what matches more."""
    marks = "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.combining(chr(code)))
    return re.compile(f"[{marks}]{{1,30}}"), re.compile(f"[{marks}]{{31,}}")


def _plain(match: re.Match[str]) -> str:
    char = match[0]
    return "" if unicodedata.combining(char) else _LETTERS.get(char, char)
