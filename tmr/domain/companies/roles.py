"""Whether two names mean the same company, or two titles the same role."""

import re

from tmr.domain.capture.words.names import clean_title
from tmr.domain.companies.names import company_key
from tmr.domain.fields.folding import fold, searchable

_WORD = re.compile(r"[^\W_]+")
_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_LONGEST = 300
_ENOUGH = 0.8  # of the words of both titles are the same
# Words by which one role of a company is another one, even where all other words are the same.
_LEVELS = frozenset(
    (
        *(
            "senior",
            "sr",
            "junior",
            "jr",
            "lead",
            "leitung",
            "leiter",
            "leiterin",
            "head",
            "principal",
            "staff",
            "chief",
        ),
        *("intern", "internship", "praktikum", "praktikant", "werkstudent", "trainee", "stage", "stagiaire", "becario"),
        *("assistant", "associate", "deputy", "manager", "director", "i", "ii", "iii", "iv", "1", "2", "3", "4"),
    )
)
_SMALL = frozenset(
    (
        *("a", "an", "the", "of", "for", "in", "and", "und", "der", "die", "das", "im", "de", "des", "du", "et", "la"),
        *("el", "y", "en", "to", "at"),
    )
)


def are_titles_alike(one: str, other: str) -> bool:
    """Whether two titles at one company mean the same role: nearly all words are the same, and the level is."""
    return are_words_alike(title_words(one), title_words(other))


def title_words(title: str) -> frozenset[str]:
    """Return the words of a title that tell its role, for ``are_words_alike``."""
    bare = searchable(_ASIDE.sub(" ", clean_title(title[:_LONGEST])))
    return frozenset(_stem(word) for word in _WORD.findall(bare) if word not in _SMALL)


def are_words_alike(first: frozenset[str], second: frozenset[str]) -> bool:
    """Whether titles with these words are alike."""
    if not first or not second:
        return first == second
    if first & _LEVELS != second & _LEVELS:
        return False
    return 2 * len(first & second) / (len(first) + len(second)) >= _ENOUGH


def _stem(word: str) -> str:
    """Return a word without the ending that names a woman, or more than one."""
    if word in _LEVELS:
        return word
    return re.sub(r"(?:innen|in|s)$", "", word) if len(word) > 5 else word


class SameCompany:
    """Tells whether names are those of one company; made once for many names."""

    def __init__(self, name: str) -> None:
        self._key = company_key(name)
        self._folded = fold(name)

    def __call__(self, name: str) -> bool:
        """Whether ``name`` means the company. Its first letters are compared first: a legal form takes long to find."""
        folded = fold(name)
        if not self._key or folded == self._folded:
            return bool(folded) and folded == self._folded
        return self._key[:3] in folded[: len(self._key) + 6] and company_key(name) == self._key
