"""Folds words so that people may write them as they like."""

import re
import unicodedata

# Letters that Unicode does not take apart, and that people type without their stroke.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
_SEPARATORS = re.compile(r"[\s_\-.]+")


def fold(word: str) -> str:
    """Return ``word`` without case, accents, spaces, ``-``, ``_`` and ``.``: ``Résumé`` and ``resume`` are one."""
    return _SEPARATORS.sub("", searchable(word))


def searchable(text: str) -> str:
    """Return ``text`` as search compares it: without case and accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char)).translate(_LETTERS)
