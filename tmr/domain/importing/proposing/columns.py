"""Which column fills which field: by headers first, then by what the values look like, all weighed together."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, FieldType
from tmr.domain.fields.types.choices import Choice
from tmr.domain.fields.types.dates import Date
from tmr.domain.fields.types.links import Link
from tmr.domain.fields.types.numbers import Amount, Rating
from tmr.domain.fields.types.stages import StageChoice
from tmr.domain.fields.types.texts import Email, LongText, Url
from tmr.domain.fields.types.times import Instant, WallTime
from tmr.domain.importing.headers import (
    CERTAIN,
    LIKELY,
    PERSON,
    REFERENCE,
    SALARY,
    SAVED_ON,
    STAGE,
    WEAK,
    header_scores,
    words_beside,
    words_of,
)
from tmr.domain.importing.people import is_title
from tmr.domain.importing.proposing.evidence import Evidence, leads_to_posting, names_board
from tmr.domain.importing.proposing.short_values import choice_of_header, short_value, ticked_choice
from tmr.domain.importing.proposing.statuses import stage_of_header

BY_HEADER, BY_VALUES, TO_NOTES, IS_COUNTER, IS_EMPTY, BY_PERSON = (
    "header",
    "values",
    "notes",
    "counter",
    "empty",
    "person",
)
FEW_DATES, HALF = 0.3, 0.5
_WORDS = words_beside()
_OTHER_LINKS, _OTHER_WORDS = _WORDS["other_links"], _WORDS["other_words"]
_OTHER_THINGS, _OTHER_STATES = _WORDS["other_things"], _WORDS["other_states"]
_PLACES, _SITES, _PLAIN_DATE_HEADERS = _WORDS["places"], _WORDS["sites"], _WORDS["plain_dates"]
_OF_APPLYING, _OF_OTHERS = tuple(_WORDS["applying"]), tuple(_WORDS["other_days"])
_OF_FOLLOWING, _OF_ENDS, _OF_PAST = (tuple(map(fold, _WORDS[name])) for name in ("following", "ending", "past"))
SURE = 0.9  # the share of a column's values that decides by itself


class Match(msgspec.Struct):
    """What each column fills (``""`` for none), why, and how certain the headers alone made it (from 0 to 1)."""

    targets: list[str]
    reasons: list[str]
    scores: list[float]


class _Candidate(msgspec.Struct, frozen=True):
    score: float
    index: int
    target: str
    reason: str


def match_columns(kind: Kind, headers: Sequence[str], evidence: Sequence[Evidence], *, has_header: bool) -> Match:
    """Return what each column fills. A field is filled by one column, the likeliest; the next likely gets what is left.

    A column whose values cannot be a field's never fills it. What fits no field goes to the notes; columns that only
    count the rows, and empty ones, are left out.
    """
    match = Match([""] * len(headers), [""] * len(headers), [0.0] * len(headers))
    candidates = _one_pay([*_by_headers(kind, headers, evidence)]) if has_header else []
    candidates += _by_values(kind, headers, evidence, has_header=has_header)
    _take_best(kind, match, candidates)
    if kind.stage_field:
        _take_stage_columns(kind, match, headers, evidence)
        _take_company(kind, match, headers, evidence, has_header=has_header)
    for index, column in enumerate(evidence):
        if not match.targets[index]:
            _leave_over(kind, match, index, column)
    return match


def takes_several(kind: Kind, target: str) -> bool:
    """Whether several columns can fill this field: notes, the parts of a name, the names of linked records."""
    if target.startswith((PERSON, STAGE)):
        return True
    field = kind.by_name.get(target)
    return field is not None and (target in (kind.catch_all, "name") or isinstance(field.type, Link))


def can_fill(kind: Kind, target: str, column: Evidence) -> bool:
    """Whether the values of a column can be those of a target; an empty column can be anything, own fields take it."""
    if column.is_empty or target in {own.name for own in kind.own_fields}:
        return True
    if target in (SAVED_ON, SALARY, REFERENCE) or target.startswith((PERSON, STAGE)):
        return _can_fill_extra(target, column)
    return _can_fill_field(kind.by_name[target], column)


def _can_fill_extra(target: str, column: Evidence) -> bool:
    if target == SAVED_ON:
        return column.date + column.serial >= FEW_DATES
    if target == SALARY:
        return max(column.date, column.url, column.email) < HALF
    if target == REFERENCE:
        return max(column.date, column.url, column.email) < HALF and column.long < HALF
    if target.startswith(STAGE):
        return column.date + column.day + column.tick >= HALF
    return {
        "email": column.email >= FEW_DATES,
        "phone": column.phone >= FEW_DATES,
        "profile_url": column.url >= FEW_DATES,
    }.get(target.removeprefix(PERSON), column.is_text and column.phone < HALF and column.long < HALF)


def _can_fill_field(field: Field, column: Evidence) -> bool:
    if isinstance(field.type, Date | WallTime):
        return _may_be_date(column)
    if isinstance(field.type, Instant):
        return _may_be_date(column) or column.mark > 0
    if isinstance(field.type, StageChoice):
        return max(column.date, column.url, column.email) < HALF and (column.long < HALF or column.stage >= HALF)
    if isinstance(field.type, Url):
        return column.url >= FEW_DATES
    if isinstance(field.type, Amount):
        return max(column.date, column.url, column.email) < HALF
    if isinstance(field.type, Email):
        return column.email >= FEW_DATES
    if isinstance(field.type, Choice | Rating):
        return column.share_of_type(field.type) >= HALF
    if isinstance(field.type, LongText | Link):
        return True
    if field.name in ("title", "job_title") and column.share(is_title) >= HALF:
        return False  # “Dr.” and “Frau” are no jobs
    return max(column.date, column.day, column.url - column.linked, column.email) < HALF


def _may_be_date(column: Evidence) -> bool:
    return column.date + column.serial + column.day >= FEW_DATES


def _by_headers(kind: Kind, headers: Sequence[str], evidence: Sequence[Evidence]) -> Iterator[_Candidate]:
    for index, (header, column) in enumerate(zip(headers, evidence, strict=True)):
        if kind.stage_field and column.date + column.day >= HALF and _is_of_applying({*words_of(header)}):
            yield _Candidate(CERTAIN, index, "applied_on", BY_HEADER)
        if kind.stage_field and column.date + column.day >= HALF and (due := _due_day({*words_of(header)})):
            yield _Candidate(LIKELY, index, due, BY_HEADER)
        for target, score in header_scores(kind, header).items():
            if score < CERTAIN and target == "url" and _OTHER_LINKS.intersection(words_of(header)):
                continue  # the page of the company, and not that of the role
            if score < CERTAIN and target == "status" and _OTHER_STATES.intersection(words_of(header)):
                continue  # how far something beside the application is
            if _is_of_other_meaning(target, header_scores(kind, header), column):
                continue
            if target == "source" and _SITES.issuperset(words_of(header)) and column.share(names_board) < FEW_DATES:
                yield from [_Candidate(WEAK, index, "location", BY_VALUES)] if column.is_text else ()
                continue  # the hospital or the shop, and not where the posting was found
            fits = can_fill(kind, target, column) or _is_ticked(kind, target, header, column)
            if fits or (score >= CERTAIN and _fits_at_times(kind, target, column)):
                yield _Candidate(score + 0.1 * _support(kind, target, column), index, target, BY_HEADER)


def _is_of_other_meaning(target: str, named: Mapping[str, float], column: Evidence) -> bool:
    """Whether the values of a column show that its header, which may mean two things, does not mean this one."""
    if target.startswith(SALARY):
        return "location" in named and column.is_text  # “Base” and “Pays” over places
    if target != "location":
        return False
    is_of_boards = "source" in named and column.share(names_board) >= HALF  # “Job site”
    return is_of_boards or ("status" in named and column.stage >= FEW_DATES)  # a second status, such as “State”


def _fits_at_times(kind: Kind, target: str, column: Evidence) -> bool:
    """Whether some cells are choices of the field that a header names; what the others say goes to the notes."""
    field = kind.by_name.get(target)
    is_of_choices = field is not None and isinstance(field.type, Choice) and not isinstance(field.type, StageChoice)
    return is_of_choices and field is not None and column.share_of_type(field.type) >= FEW_DATES


def _is_ticked(kind: Kind, target: str, header: str, column: Evidence) -> bool:
    """Whether a column has ticks for the choice that its header names: “Remote?” with Yes and No."""
    field = kind.by_name.get(target)
    choice = choice_of_header(field.type, header) if field is not None else ""
    if field is None or not choice:
        return False
    answers = column.share(lambda cell: ticked_choice(choice, cell) is not None)
    return answers > 0 and column.share(lambda cell: _answers(field.type, choice, cell)) >= HALF


def _answers(field_type: FieldType, choice: str, cell: str) -> bool:
    return ticked_choice(choice, cell) is not None or bool(short_value(field_type, cell)[0])


def _one_pay(candidates: list[_Candidate]) -> list[_Candidate]:
    """Leave pay in one column out where one column has the lowest and another the highest pay."""
    low, high = (
        {found.index for found in candidates if found.target == name and found.score >= CERTAIN}
        for name in ("salary_min", "salary_max")
    )
    if not low or not high - low:
        return candidates
    return [found for found in candidates if found.target != SALARY or found.index not in low | high]


def _support(kind: Kind, target: str, column: Evidence) -> float:
    """Return how much the values speak for a target, beyond not speaking against it."""
    if column.is_empty:
        return -1.0
    field = kind.by_name.get(target)
    if field is not None and isinstance(field.type, StageChoice):
        return column.stage
    if target == SAVED_ON or (field is not None and field.type.is_dated):
        return column.date
    if field is not None and isinstance(field.type, Choice):
        return column.share_of_type(field.type)
    return {"url": column.url, "title": column.job, "company": column.firm, SALARY: column.money}.get(target, 0.0)


def _by_values(
    kind: Kind, headers: Sequence[str], evidence: Sequence[Evidence], *, has_header: bool
) -> Iterator[_Candidate]:
    """Yield what columns look like although their headers do not say so; never against a header that says more."""
    pipeline = kind.stage_field.type.pipeline if kind.stage_field else None  # type: ignore[attr-defined]
    for index, (header, column) in enumerate(zip(headers, evidence, strict=True)):
        words = set(words_of(header)) if has_header else set()
        if has_header and pipeline and stage_of_header(pipeline, header):
            continue
        if column.is_empty or (has_header and _is_certain(kind, header, column)):
            continue
        for target, share in _looks(kind, column, words, has_header=has_header):
            if share >= HALF:
                yield _Candidate(0.3 + 0.25 * share, index, target, BY_VALUES)


def _is_certain(kind: Kind, header: str, column: Evidence) -> bool:
    """Whether a header leaves no doubt about a field that the values of its column can fill."""
    return any(
        score >= CERTAIN and can_fill(kind, target, column) for target, score in header_scores(kind, header).items()
    )


def _looks(kind: Kind, column: Evidence, words: set[str], *, has_header: bool) -> Iterator[tuple[str, float]]:
    if kind.stage_field:
        is_posting = not words & _OTHER_LINKS or (words <= _SITES and column.share(leads_to_posting) >= SURE)
        yield "url", column.url if is_posting else 0.0
        is_of_words = (column.distinct < 0.9 or len(column.cells) < 8) and not words & _OTHER_WORDS
        yield "status", column.stage * (1.1 - 0.2 * column.distinct) if is_of_words else 0.0
        yield SALARY, column.money if not words & _OTHER_WORDS else 0.0
        yield "title", column.job if column.is_text and column.long < HALF else 0.0
        is_date = not has_header or words <= _PLAIN_DATE_HEADERS
        yield "applied_on", column.date + (column.day if words else 0.0) if is_date else 0.0
        yield PERSON + "name", column.share(is_title)
        about_person = bool(words & {"contact", "recruiter", "manager", "referral", "person", "kontakt", "contacto"})
        yield PERSON + "email", column.email if about_person or not has_header else 0.0
        yield PERSON + "phone", column.phone if about_person else 0.0
        for name in ("work_mode", "employment_type") if not words & _OTHER_WORDS else ():
            share = column.share_of_type(kind.by_name[name].type)
            yield name, share if share >= SURE or not has_header else 0.0
    elif "email" in kind.by_name:
        yield "email", column.email
        yield "phone", column.phone
        yield "profile_url", column.url


def _is_of_applying(words: set[str]) -> bool:
    """Whether a header speaks of the day on which something was sent, and of no other day."""
    return any(word.startswith(_OF_APPLYING) for word in words) and not any(map(_is_of_others, words))


def _due_day(words: set[str]) -> str:
    """Return the day to come that a header speaks of by how its words begin: to follow up, or the last to apply."""
    if any(word.startswith(_OF_PAST) for word in words):
        return ""
    is_to_follow = any(word.startswith(_OF_FOLLOWING) for word in words)
    return "follow_up_on" if is_to_follow else "deadline_on" if any(map(_is_of_ends, words)) else ""


def _is_of_ends(word: str) -> bool:
    return word.startswith(_OF_ENDS) or word.endswith(("frist", "schluss"))


def _is_of_others(word: str) -> bool:
    return word.startswith(_OF_OTHERS) or any(len(part) > 4 and part in word for part in _OF_OTHERS)


def _take_best(kind: Kind, match: Match, candidates: Sequence[_Candidate]) -> None:
    taken: set[str] = set()
    for candidate in sorted(candidates, key=lambda candidate: (-candidate.score, candidate.index)):
        is_free = candidate.target not in taken or takes_several(kind, candidate.target)
        if match.targets[candidate.index] or not is_free or _is_in_way(candidate.target, taken):
            continue
        taken.add(candidate.target)
        match.targets[candidate.index], match.reasons[candidate.index] = candidate.target, candidate.reason
        match.scores[candidate.index] = candidate.score


def _is_in_way(target: str, taken: set[str]) -> bool:
    """Whether another column has what this target means already, such as the lowest pay beside pay in one column."""
    pay = {SALARY, "salary_min"}
    return target in pay and bool(pay & taken) and target not in taken


def _take_stage_columns(kind: Kind, match: Match, headers: Sequence[str], evidence: Sequence[Evidence]) -> None:
    """Read columns with the date of each stage as such, if they are the only word of the stage, or several."""
    pipeline = kind.stage_field.type.pipeline  # type: ignore[union-attr]
    found = {
        index: stage
        for index, header in enumerate(headers)
        if not match.targets[index]
        and not evidence[index].is_empty
        and can_fill(kind, STAGE, evidence[index])
        and (stage := stage_of_header(pipeline, header))
    }
    dated = [index for index in found if evidence[index].date + evidence[index].day >= HALF]
    _free_guessed_status(match, len(found), evidence)
    has_status = "status" in match.targets
    if found and (not has_status or len(dated) > 1):
        for index, stage in found.items():
            if not has_status or index in dated:
                match.targets[index], match.reasons[index] = STAGE + stage.key, BY_HEADER
                match.scores[index] = CERTAIN


def _free_guessed_status(match: Match, stages: int, evidence: Sequence[Evidence]) -> None:
    """Let columns with ticks for several stages be the word of the stage, and not a column that only looks like one.

    One whose every value is a stage, such as “Absage/Zusage”, says itself what came of it all.
    """
    for index, target in enumerate(match.targets):
        is_guessed = target == "status" and match.reasons[index] == BY_VALUES and evidence[index].stage < 1
        if stages > 1 and is_guessed:
            match.targets[index], match.reasons[index], match.scores[index] = "", "", 0.0


def _take_company(
    kind: Kind, match: Match, headers: Sequence[str], evidence: Sequence[Evidence], *, has_header: bool
) -> None:
    """Find the company or the title that no header names: text with many different values, beside the other one.

    Without a header, the first such text is the company and the next the title, as people write them. A column that
    asks “where” is the company where nothing else is.
    """
    if not has_header and not {"company", "title"} & set(match.targets) and len(set(match.targets) - {""}) > 1:
        _take_first_texts(kind, match, evidence)
    if has_header and "company" not in match.targets:
        for index, header in enumerate(headers):
            is_of_both = "company" in header_scores(kind, header) or _PLACES.issuperset(words_of(header))
            if match.targets[index] == "location" and is_of_both:
                match.targets[index], match.reasons[index] = "company", BY_VALUES
    for target, other in (("company", "title"), ("title", "company")):
        if target in match.targets or other not in match.targets:
            continue
        beside = match.targets.index(other)
        free = [
            index
            for index, column in enumerate(evidence)
            if match.targets[index] in ("", kind.catch_all) and _could_name(column) and not _names_other(headers[index])
        ]
        if has_header:
            free = [index for index in free if abs(index - beside) == 1]
            free = [index for index in free if target != "title" or evidence[index].job > 0]
        best = max(free, key=lambda index: (evidence[index].firm, -abs(index - beside), -index), default=None)
        if best is not None:
            match.targets[best], match.reasons[best], match.scores[best] = target, BY_VALUES, WEAK


def _take_first_texts(kind: Kind, match: Match, evidence: Sequence[Evidence]) -> None:
    free = [
        index
        for index, column in enumerate(evidence)
        if match.targets[index] in ("", kind.catch_all) and _could_name(column)
    ][:2]
    if len(free) == 2:
        first, second = evidence[free[0]], evidence[free[1]]
        is_turned = first.job > second.job or second.firm > first.firm
        for index, target in zip(free, ("title", "company") if is_turned else ("company", "title"), strict=True):
            match.targets[index], match.reasons[index], match.scores[index] = target, BY_VALUES, WEAK


def _could_name(column: Evidence) -> bool:
    return (
        len(column.cells) > 1 and column.is_text and column.distinct > HALF and not column.long and column.stage < HALF
    )


def _names_other(header: str) -> bool:
    return "#" in header or "№" in header or bool(_OTHER_THINGS.intersection(words_of(header)))


def _leave_over(kind: Kind, match: Match, index: int, column: Evidence) -> None:
    if column.is_empty:
        match.reasons[index] = IS_EMPTY
    elif column.is_counter:
        match.reasons[index] = IS_COUNTER
    else:
        match.targets[index], match.reasons[index] = kind.catch_all, TO_NOTES
