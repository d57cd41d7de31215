"""Which records a search finds: every word of it, wherever it stands, and a phone number however it is written."""

import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from tmr.domain.fields.folding import has_spellings, searchable, spelled_out, with_spellings
from tmr.domain.fields.kind import NO_NAMES, Kind
from tmr.domain.fields.type import Names, Wire
from tmr.domain.ordering import value_at
from tmr.domain.record import Scanned

_ID = re.compile(r'"([0-9a-f]{8}-[0-9a-f-]{27})"')
_NUMBER = re.compile(r"\+?[\d\s()/.\-–]{6,40}")
_NO_DIGITS = re.compile(r"\D+", re.ASCII)
FEWEST_DIGITS = 6  # of a number that is compared by its digits alone

Spellings = tuple[str, ...]
Fold = Callable[[str], str]


def text_filter(kind: Kind, q: str, names: Names = NO_NAMES) -> Callable[[str], bool] | None:
    """Return a quick test on a record's whole stored text that lets every record through that ``q`` matches.

    Most records fail it, and so need not be decoded and compared field by field. ``names`` as for ``text_test``.
    """
    terms = _terms(q)
    if not terms:
        return None
    fold, groups = _folding(terms), [(_needles(kind, term), _named(names, term)) for term in terms]
    digits = _digits_of_number(q) if _phone_slots(kind) else ""
    if len(groups) == len(groups[0][0]) == 1 and not groups[0][1] and not digits:
        [([only], _)] = groups
        return lambda stored: only in fold(stored)

    def may_match(stored: str) -> bool:
        text = fold(stored)
        has_words = all(
            any(needle in text for needle in needles) or (linked and not linked.isdisjoint(_ID.findall(stored)))
            for needles, linked in groups
        )
        return has_words or bool(digits and digits[-FEWEST_DIGITS:] in _digits(stored))

    return may_match


def text_test(kind: Kind, q: str, names: Names = NO_NAMES) -> Callable[[Scanned], bool] | None:
    """Return the test of whether a record has every word of ``q``; None if ``q`` has no word.

    ``names`` is what linked records are called, as ``with_spellings`` folds it.
    """
    terms = _terms(q)
    if not terms:
        return None
    fold = _folding(terms)
    labels = {term: [(number, keys) for number, keys in _labels_with(kind, term, names) if keys] for term in terms}
    # The first two slots hold the format's version and the hash of the url: nobody searches for those.
    skipped = {0, 1} | {field.number for field in kind.summary if not field.type.is_searched}
    has_number = _number_test(kind, q)

    def has_terms(row: Scanned) -> bool:
        searched = [value for number, value in enumerate(row.summary) if number not in skipped]
        texts = _Texts([*searched, *(row.detail or ())[1:]], fold)
        has_words = all(
            any(_is_among(value_at(row.summary, number), keys) for number, keys in labels[term]) or texts.have(term)
            for term in terms
        )
        return has_words or has_number(row)

    return has_terms


def _terms(q: str) -> list[Spellings]:
    """Return the words of a search, each once, in the ways that it may be written: ``Müller`` is ``mueller`` too."""
    return list(dict.fromkeys(tuple(dict.fromkeys((searchable(word), spelled_out(word)))) for word in q.split()))


def _folding(terms: Sequence[Spellings]) -> Fold:
    # Texts are folded twice only for a word that may stand for another spelling.
    return with_spellings if any(has_spellings(word) for term in terms for word in term) else searchable


def _named(names: Names, term: Spellings) -> set[str]:
    """Return the ids of the records whose names contain ``term``."""
    return {record_id for record_id, name in names.items() if any(word in name for word in term)}


def _needles(kind: Kind, term: Spellings) -> list[str]:
    """Return what the stored text of a match contains: the term as JSON writes it, or the key of a choice."""
    keys = {key for _, matching in _labels_with(kind, term, NO_NAMES) for key in matching}
    written = [msgspec.json.encode(word).decode()[1:-1] for word in term]
    return [*written, *(f'"{searchable(key)}"' for key in keys)]


class _Texts:
    """The texts of one record, each folded when it is first needed and then kept: there may be a hundred terms."""

    def __init__(self, slots: Sequence[Wire], fold: Fold) -> None:
        self._waiting = iter(slots)
        self._fold = fold
        self._folded: list[str] = []

    def have(self, term: Spellings) -> bool:
        return any(word in text for text in self._folded for word in term) or any(
            word in text for text in self._rest() for word in term
        )

    def _rest(self) -> Iterator[str]:
        for value in self._waiting:
            if isinstance(value, str | list):
                self._folded.append(self._fold(value if isinstance(value, str) else " ".join(value)))
                yield self._folded[-1]


def _is_among(value: Wire, keys: set[str]) -> bool:
    return any(item in keys for item in value) if isinstance(value, list) else value in keys


def _labels_with(kind: Kind, term: Spellings, names: Names) -> list[tuple[int, set[str]]]:
    """Return the keys whose words contain ``term``, by the number of their field: people search for what they see."""
    by_number = ((field.number, field.type.keys_with(word, names)) for field in kind.summary for word in term)
    return [(number, keys) for number, keys in by_number if keys is not None]


def _phone_slots(kind: Kind) -> list[int]:
    return [field.number for field in kind.summary if field.opens and field.opens.scheme == "tel:"]


def _number_test(kind: Kind, q: str) -> Callable[[Scanned], bool]:
    """Return the test of whether a phone number of a record is the one that is searched for, or has its digits."""
    slots, digits = _phone_slots(kind), _digits_of_number(q)
    if not slots or not digits:
        return lambda _row: False

    def has_number(row: Scanned) -> bool:
        stored = [_digits(str(value_at(row.summary, slot) or "")).lstrip("0") for slot in slots]
        return any(len(own) >= FEWEST_DIGITS and (digits in own or digits.endswith(own)) for own in stored)

    return has_number


def _digits_of_number(q: str) -> str:
    """Return the digits of a phone number without the zeros that a country code replaces; empty for other text."""
    digits = _digits(q).lstrip("0") if _NUMBER.fullmatch(q.strip()) else ""
    return digits if len(digits) >= FEWEST_DIGITS else ""


def _digits(text: str) -> str:
    return _NO_DIGITS.sub("", text.replace("(0)", ""))
