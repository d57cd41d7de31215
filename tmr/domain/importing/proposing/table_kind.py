"""What kind of record the rows of a table are."""

from collections.abc import Mapping, Sequence

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind
from tmr.domain.importing.headers import CERTAIN, PERSON, SALARY, STAGE
from tmr.domain.importing.proposing.columns import BY_HEADER, Match, match_columns
from tmr.domain.importing.proposing.evidence import Evidence

# Fields that only this kind has: two of them, beside its name, leave no doubt.
_TELLING = {
    "applications": {
        "status",
        "applied_on",
        "deadline_on",
        "url",
        "salary",
        "salary_min",
        "work_mode",
        "employment_type",
        "job_description",
    },
    "interviews": {"interviewers", "kind", "outcome", "duration", "preparation", "questions", "thank_you_sent"},
    "contacts": {"email", "phone", "profile_url", "relationship", "last_contacted_on"},
}


def choose_kind(
    kinds: Mapping[str, Kind],
    headers: Sequence[str],
    evidence: Sequence[Evidence],
    name: str,
    *,
    has_header: bool,
) -> tuple[Kind, Match]:
    """Return what the rows are, and what their columns fill.

    They are applications unless another kind is clear: its required fields are there, and more of the headers name its
    fields, or the table is called like it (``name`` is that of its file or sheet).
    """
    matches = {plural: match_columns(kind, headers, evidence, has_header=has_header) for plural, kind in kinds.items()}
    usual = next(iter(kinds))
    points = {plural: _points(kinds[plural], match, name) for plural, match in matches.items()}
    points[usual] += 1 + 2 * (len(_found(matches[usual]) & _TELLING["applications"]) > 1)
    best = max(points, key=lambda plural: (points[plural], plural == usual))
    return kinds[best], matches[best]


def _points(kind: Kind, match: Match, name: str) -> float:
    found = _found(match)
    points = float(len(found))
    points += len(found & _TELLING.get(kind.plural, set())) * 0.5
    missing = [field for field in kind.required if field not in match.targets]
    if missing:
        points -= 3 if len(missing) == len(kind.required) else 0.5
    elif fold(kind.plural) in fold(name):
        points += 3
    return points


def _found(match: Match) -> set[str]:
    """Return the fields that headers name with certainty, without what belongs to another record."""
    rows = zip(match.targets, match.reasons, match.scores, strict=True)
    found = {target for target, reason, score in rows if reason == BY_HEADER and score >= CERTAIN}
    found -= {target for target in found if target.startswith((PERSON, STAGE))} | {"notes", ""}
    return found | ({SALARY} if "salary_min" in found else set())
