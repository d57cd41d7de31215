"""Rows that are steps: a log with one row for each change of status becomes applications with a timeline."""

from collections.abc import Iterable, Sequence

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.importing.rows.draft import Draft, Step
from tmr.domain.pipeline.category import CATEGORY
from tmr.domain.pipeline.pipeline import Pipeline

_AT_MIDNIGHT = "T00:00:00Z"
MOST_MET = 100  # people of one application whom a further one is compared with


def joined_steps(kind: Kind, pipeline: Pipeline, rows: Iterable[tuple[int, Draft]]) -> list[tuple[list[int], Draft]]:
    """Return one draft for all rows that name one application, with the numbers of those rows.

    It has the stage of the latest day, was applied for on the first day whose stage means that it was sent, and keeps
    what the rows say: the first that fills a field fills it, and what others say in its place goes to their notes. The
    notes of each row are the text of its step, and those of all are the notes of the application.
    """
    groups: dict[tuple[str, ...], list[tuple[int, Draft]]] = {}
    for line, draft in rows:
        key = (*(fold(str(draft.values[name] or "")) for name in kind.identity.together), draft.reference)
        groups.setdefault(key, []).append((line, draft))
    return [
        ([line for line, _ in group], _join(kind, pipeline, [draft for _, draft in group])) for group in groups.values()
    ]


def step_of(kind: Kind, draft: Draft) -> Step:
    """Return the step that a row of a log is; one without a day has no instant."""
    stage, applied = _step_fields(kind)
    day = draft.values[applied]
    text = str(draft.values[kind.catch_all] or "")
    return Step(str(draft.values[stage]), f"{day}{_AT_MIDNIGHT}" if day else "", text)


def _join(kind: Kind, pipeline: Pipeline, drafts: list[Draft]) -> Draft:
    stage, applied = _step_fields(kind)
    notes = kind.catch_all
    if len(drafts) == 1:
        return drafts[0]
    ordered = sorted(drafts, key=lambda draft: str(draft.values[applied] or ""))
    whole = ordered[0]
    for draft in ordered[1:]:
        _note(draft, notes, _differences(kind, whole, draft))
        filled = {name: value for name, value in draft.values.items() if whole.values.get(name) is None}
        whole.values |= {name: value for name, value in filled.items() if name != applied}  # which is the step's own
        whole.given |= draft.given
        whole.created_at = whole.created_at or draft.created_at
        whole.is_noted = whole.is_noted or draft.is_noted
        _meet(whole, draft)
    _name_undated(kind, ordered)
    sent = [draft for draft in ordered if _is_sent(pipeline, draft.values[stage])] or ordered
    steps = [step for draft in ordered for step in (*draft.steps, step_of(kind, draft)) if step.happened_at]
    texts = list(dict.fromkeys(str(draft.values[notes]) for draft in ordered if draft.values[notes]))
    whole.values |= {
        stage: ordered[-1].values[stage],
        applied: sent[0].values[applied],
        notes: "\n".join(texts) or None,
    }
    whole.steps = sorted(steps, key=lambda step: step.happened_at)
    return whole


def _step_fields(kind: Kind) -> tuple[str, str]:
    """Return the names of the fields with the stage and with the day of a step."""
    applied = next(field.name for field in kind.fields if field.role == "applied")
    return kind.stage_field.name, applied  # type: ignore[union-attr]


def _differences(kind: Kind, whole: Draft, draft: Draft) -> list[str]:
    """Return, as lines of notes, what a row says in fields that an earlier row has filled otherwise."""
    told = {*_step_fields(kind), *kind.identity.together, kind.catch_all}
    lines = [
        f"{field.label}: {kind.words(field.name, draft.values)}"
        for field in kind.editable
        if field.name in draft.given - told
        and draft.values[field.name] is not None
        and whole.values.get(field.name) not in (None, draft.values[field.name])
    ]
    if draft.created_at and whole.created_at and draft.created_at != whole.created_at:
        lines.append(f"Added on: {draft.created_at:%Y-%m-%d}")
    return lines


def _name_undated(kind: Kind, ordered: Sequence[Draft]) -> None:
    """Note the stages of rows without a day, which no timeline can hold, unless it has them anyway."""
    stage, applied = _step_fields(kind)
    told = {ordered[-1].values[stage], *(draft.values[stage] for draft in ordered if draft.values[applied])}
    for draft in ordered:
        if draft.values[stage] not in told and stage in draft.given:
            _note(draft, kind.catch_all, [f"{kind.by_name[stage].label}: {kind.words(stage, draft.values)}"])


def _note(draft: Draft, notes: str, lines: Sequence[str]) -> None:
    if lines:
        draft.values[notes] = "\n".join(filter(None, (str(draft.values[notes] or ""), *lines)))
        draft.given.add(notes)


def _meet(whole: Draft, draft: Draft) -> None:
    """Take over whom a row names: as the same person as before if name or email say so, else as another."""
    for named in filter(None, (draft.person, *draft.others)):
        if not whole.person:
            whole.person = named
            continue
        for person in (whole.person, *whole.others[:MOST_MET]):
            both = {name for name in ("name", "email") if person.get(name) and named.get(name)}
            if both and all(fold(person[name]) == fold(named[name]) for name in both):
                person |= {name: text for name, text in named.items() if not person.get(name)}
                break
        else:
            whole.others.append(named)


def _is_sent(pipeline: Pipeline, stage: Wire) -> bool:
    category = pipeline.category_of(stage)
    return category in CATEGORY and CATEGORY[category].is_sent
