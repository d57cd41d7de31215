"""Folds words so that people may write them as they like."""

import re
import unicodedata
from functools import cache

# Letters that Unicode does not decompose, and that people type without their stroke.
_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
_FIRST_MARK, _AFTER_MARKS = 0x300, 0x20000
_MAY_BE_LONG_RUN = re.compile(f"[{chr(_FIRST_MARK)}-{chr(0x10FFFF)}]{{31}}")  # a range is quicker than a thousand marks
_JOINER = "\N{COMBINING GRAPHEME JOINER}"
_SPELLED_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa"}
)
_SPELLED_LETTER, _SPELLING = re.compile("[äöüøåÄÖÜØÅ]"), re.compile("[aou]e|aa")
# Letters that stand for words, each of which NFKD would make five to eighteen letters of: they stay as they are.
_WORDS = (
    "\u321d\u321e\u327c\u3300\u3302\u3304\u3307\u3313\u3315\u3316\u3317\u3319\u331a\u3320\u3321\u332b\u332d"
    "\u332e\u3332\u3334\u3336\u333b\u333d\u3340\u3347\u334a\u334c\u3354\u3356\u33ae\u33af\ufdfa\ufdfb"
)
_LONGEST_PIECE = 4_000  # folded at once, while no other thread of the process can go on
_PIECES = re.compile(f"[{_WORDS}]+|[^{_WORDS}]{{1,{_LONGEST_PIECE}}}")
_SEPARATORS = re.compile(r"[\s_\-.]+")
LONGEST_WORD = 500  # longer than any name or word of a list; folding a form of 300 kB would take seconds


def fold(word: str) -> str:
    """Return ``word`` without case, accents, spaces, ``-``, ``_`` and ``.``: ``Résumé`` and ``resume`` are one.

    What has more than ``LONGEST_WORD`` characters is no word, and comes back as it is.
    """
    return _SEPARATORS.sub("", searchable(word)) if len(word) <= LONGEST_WORD else word


def searchable(text: str) -> str:
    """Return ``text`` as search compares it: without case and accents."""
    if text.isascii():
        return text.lower()
    return "".join(map(_plain, _PIECES.findall(_with_short_runs(text.casefold()))))


def _plain(piece: str) -> str:
    return piece if piece[0] in _WORDS else unicodedata.normalize("NFKD", piece).translate(_plain_letters())


def spelled_out(text: str) -> str:
    """Return ``text`` as ``searchable`` does, but with ``ä`` as ``ae``, as people write it without that letter."""
    return searchable(text if text.isascii() else text.translate(_SPELLED_OUT))


def has_spellings(folded: str) -> bool:
    """Whether a folded word may be such a spelling of another one."""
    return bool(_SPELLING.search(folded))


def with_spellings(text: str) -> str:
    """Return ``text`` as ``searchable`` does, followed by what ``spelled_out`` makes of it where that differs."""
    plain, spelled = searchable(text), other_spelling(text)
    return f"{plain}\n{spelled}" if spelled else plain


def other_spelling(text: str) -> str:
    """Return what ``spelled_out`` makes of a text, if that can differ from what ``searchable`` does; else nothing."""
    return spelled_out(text) if not text.isascii() and _SPELLED_LETTER.search(text) else ""


def _with_short_runs(text: str) -> str:
    """Return ``text`` with no more than 30 combining marks in a row, as the Stream-Safe Text Format has it (UAX #15).

    Ordering marks takes time with the square of their number: 50,000 of them would take seconds.
    """
    if not _MAY_BE_LONG_RUN.search(text):
        return text
    run_of_30, long_run = _runs_of_marks()
    return long_run.sub(lambda run: _JOINER.join(run_of_30.findall(run[0])), text)


@cache
def _runs_of_marks() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what matches up to 30 combining marks in a row, and what matches more."""
    marks = "".join(map(chr, _marks()))
    return re.compile(f"[{marks}]{{1,30}}"), re.compile(f"[{marks}]{{31,}}")


@cache
def _plain_letters() -> dict[int, str | None]:
    """Return what ``str.translate`` takes: no mark, and letters that people type without their stroke."""
    return {**{ord(letter): plain for letter, plain in _LETTERS.items()}, **dict.fromkeys(_marks())}


@cache  # and not at the import: looking at 130,000 characters takes longer than most commands need for their work
def _marks() -> tuple[int, ...]:
    return tuple(code for code in range(_FIRST_MARK, _AFTER_MARKS) if unicodedata.combining(chr(code)))
