"""What other trackers and spreadsheets call our fields; each field declares these words itself."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind
from tmr.domain.kinds import KINDS

SAVED_ON = "created_at"
SALARY = "salary"
_SAVED_WORDS = (
    "saved, date saved, saved date, date added, created at, added on, Gespeichert am, enregistré le, guardado el"
)
_SALARY_WORDS = "salary range, max. salary, pay, compensation, Gehalt, salaire, salario"


def target_of(kind: Kind, header: str) -> str | None:
    """Return the field, or the extra target, that a header names, or None."""
    return _targets_by_word(kind.plural).get(fold(header))


def known_headers(row: Sequence[str], kind: Kind | None = None) -> int:
    """Return how many cells of a row are known headers: of ``kind``, or of the kind that knows the most of them."""
    kinds = [kind] if kind else KINDS.values()
    return max(sum(1 for cell in row if len(cell) < 60 and target_of(candidate, cell)) for candidate in kinds)


def targets(kind: Kind) -> list[tuple[str, str]]:
    """Return everything that a column can be mapped to, each with its label."""
    extra = [(SAVED_ON, "Added on"), *([(SALARY, "Salary, in one column")] if _has_salary(kind) else [])]
    return [*((field.name, field.label) for field in kind.editable), *extra]


def kind_of_header(header: Sequence[str], name: str = "") -> Kind:
    """Return the kind of record that a table with this header, and the name of its file or sheet, most likely holds.

    Kinds whose required fields are all there come first: among those the one that ``name`` names, else applications,
    unless another kind knows at least two words more.
    """
    named = next((kind for kind in KINDS.values() if fold(kind.plural) in fold(name)), None)
    if named and _score(named, header)[0]:
        return named
    scores = {kind.plural: _score(kind, header) for kind in KINDS.values()}
    best = max(scores, key=lambda plural: scores[plural])
    usual = next(iter(KINDS))
    is_clear = scores[best][0] > scores[usual][0] or scores[best][1] > scores[usual][1] + 1
    return KINDS[best if is_clear else usual]


def _score(kind: Kind, header: Sequence[str]) -> tuple[bool, int]:
    known = [target for cell in header if len(cell) < 60 and (target := target_of(kind, cell))]
    return set(kind.required) <= set(known), len(known)


def _has_salary(kind: Kind) -> bool:
    return "salary_min" in kind.by_name


@lru_cache
def _targets_by_word(plural: str) -> Mapping[str, str]:
    kind = KINDS[plural]
    by_word: dict[str, str] = {}
    pairs = [(SAVED_ON, _SAVED_WORDS), *([(SALARY, _SALARY_WORDS)] if _has_salary(kind) else [])]
    declared = [(field.name, f"{field.label}, {field.words}") for field in kind.editable]
    for target, words in (*pairs, *declared):
        for word in filter(None, map(fold, (target, *words.split(",")))):
            by_word.setdefault(word, target)
    return {**by_word, **{fold(field.name): field.name for field in kind.editable}}
