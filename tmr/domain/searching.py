"""Which records a search finds: every word of it, wherever it stands, and a phone number however it is written."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from tmr.domain.fields.folding import has_spellings, other_spelling, searchable, spelled_out, with_spellings
from tmr.domain.fields.kind import NO_NAMES, Kind
from tmr.domain.fields.type import Names, Wire
from tmr.domain.ordering import value_at
from tmr.domain.record import Scanned, Searched

_ID = re.compile(r'"([0-9a-f]{8}-[0-9a-f-]{27})"')
_NUMBER = re.compile(r"\+?[\d\s()/.\-–]{6,40}")
_NO_DIGITS = re.compile(r"\D+", re.ASCII)
FEW_ROWS = 100  # of all that are searched, by which it is guessed how many have a word
FEWEST_DIGITS = 6  # of a number that is compared by its digits alone

Spellings = tuple[str, ...]
Fold = Callable[[str], str]
_Test = Callable[[Scanned], bool]


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


def name_filter(q: str) -> Callable[[str], bool]:
    """Return a quick test on a record's whole stored text that lets all through whose name has a word of ``q``."""
    needles = [msgspec.json.encode(word).decode()[1:-1] for term in _terms(q) for word in term]

    def has_one(stored: str) -> bool:
        text = with_spellings(stored)
        return any(needle in text for needle in needles)

    return has_one


def having_words(rows: Iterable[Scanned], q: str) -> Iterator[Scanned]:
    """Yield those of ``rows``, which have their texts, that have a word of ``q``."""
    words = [word for term in _terms(q) for word in term]
    return (
        row for row in rows if row.text and any(word in row.text.plain or word in row.text.spelled for word in words)
    )


def text_test(kind: Kind, q: str, names: Names = NO_NAMES) -> Callable[[Scanned], bool] | None:
    """Return the test of whether a record has every word of ``q``; None if ``q`` has no word.

    ``names`` is what linked records are called, as ``with_spellings`` folds it.
    """
    terms = _terms(q)
    if not terms:
        return None
    fold = _folding(terms)
    is_spelled, searched = fold is with_spellings, searched_slots(kind)
    tests = [(term, [(at, keys) for at, keys in _labels_with(kind, term, names) if keys]) for term in terms]
    has_number = _number_test(kind, q)

    def has_terms(row: Scanned) -> bool:
        text = None
        for term, labels in tests:
            if labels and any(_is_among(value_at(row.summary, at), keys) for at, keys in labels):
                continue
            if text is None:
                text = _known_text(row, is_spelled) or fold(_joined_texts(row.summary, row.detail or (), searched))
            if not any(word in text for word in term):
                return has_number(row)
        return True

    return has_terms


def _known_text(row: Scanned, is_spelled: bool) -> str:
    """Return the folded texts of a row that has them."""
    if row.text is None:
        return ""
    return f"{row.text.plain}\n{row.text.spelled}" if is_spelled and row.text.spelled else row.text.plain


def texts_of(summary: Sequence[Wire], detail: Sequence[Wire], slots: Sequence[int]) -> Searched:
    """Return all texts of a record that a search compares; ``slots`` is ``searched_slots`` of its kind."""
    joined = _joined_texts(summary, detail, slots)
    return Searched(searchable(joined), other_spelling(joined))


def _joined_texts(summary: Sequence[Wire], detail: Sequence[Wire], slots: Sequence[int]) -> str:
    """Return all texts of a record, one a line: no word of a search holds a line break."""
    filled = len(summary)
    values = [summary[at] for at in slots if at < filled]
    values += detail[1:]
    return "\n".join([_joined(value) for value in values if isinstance(value, str | list)])


def _joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else " ".join(value)


def find(kind: Kind, rows: Sequence[Scanned], q: str, names: Names = NO_NAMES) -> list[Scanned]:
    """Return those of ``rows``, which have their texts, with every word of ``q``; ``names`` as for ``text_test``."""
    terms = _terms(q)
    is_spelled = _folding(terms) is with_spellings
    tests = [_term_test(kind, term, names, is_spelled=is_spelled) for term in terms]
    if _digits_of_number(q) and _phone_slots(kind):
        has_number = _number_test(kind, q)
        return [row for row in rows if has_number(row) or all(test(row) for test in tests)]
    for term, test in _rarest_first(list(zip(terms, tests, strict=True)), rows):
        if len(term) == 1 and not is_spelled and not any(keys for _, keys in _labels_with(kind, term, names)):
            [word] = term
            rows = [row for row in rows if word in row.text.plain]  # type: ignore[union-attr]
        else:
            rows = [row for row in rows if test(row)]
    return list(rows)


def _rarest_first(tests: list[tuple[Spellings, _Test]], rows: Sequence[Scanned]) -> list[tuple[Spellings, _Test]]:
    """Return the terms with those first that few of the rows have: the others are looked for in what is left."""
    if len(tests) < 2:
        return tests
    some = rows[:: max(len(rows) // FEW_ROWS, 1)]
    return sorted(tests, key=lambda one: sum(map(one[1], some)))


def _term_test(kind: Kind, term: Spellings, names: Names, *, is_spelled: bool) -> Callable[[Scanned], bool]:
    labels = [(number, keys) for number, keys in _labels_with(kind, term, names) if keys]

    def has_term(row: Scanned) -> bool:
        text: Searched = row.text  # type: ignore[assignment]
        return any(word in text.plain or (is_spelled and word in text.spelled) for word in term) or any(
            _is_among(value_at(row.summary, number), keys) for number, keys in labels
        )

    return has_term


def searched_slots(kind: Kind) -> list[int]:
    """Return the numbers of a summary that hold something to search: not the format, the hash of the url, and ids."""
    skipped = _slots_not_searched(kind)
    return [number for number in range(max(field.number for field in kind.summary) + 1) if number not in skipped]


def _slots_not_searched(kind: Kind) -> set[int]:
    return {0, 1} | {field.number for field in kind.summary if not field.type.is_searched}


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
