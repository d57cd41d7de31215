"""Rows that are steps: a log with one row for each change of status becomes applications with a timeline."""

from collections.abc import Iterable

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Wire
from tmr.domain.importing.rows.draft import Draft, Step
from tmr.domain.pipeline.category import CATEGORY
from tmr.domain.pipeline.pipeline import Pipeline

_AT_MIDNIGHT = "T00:00:00Z"


def joined_steps(kind: Kind, pipeline: Pipeline, rows: Iterable[tuple[int, Draft]]) -> list[tuple[list[int], Draft]]:
    """Return one draft for all rows that name one application, with the numbers of those rows.

    It has the stage of the latest day, was applied for on the first day whose stage means that it was sent, and keeps
    what the rows say: the first that fills a field fills it, and the notes of each are the text of its step.
    """
    groups: dict[tuple[str, ...], list[tuple[int, Draft]]] = {}
    for line, draft in rows:
        key = (*(fold(str(draft.values[name] or "")) for name in kind.identity.together), draft.reference)
        groups.setdefault(key, []).append((line, draft))
    return [
        ([line for line, _ in group], _join(kind, pipeline, [draft for _, draft in group])) for group in groups.values()
    ]


def _join(kind: Kind, pipeline: Pipeline, drafts: list[Draft]) -> Draft:
    applied = next(field.name for field in kind.fields if field.role == "applied")
    stage, notes = kind.stage_field.name, kind.catch_all  # type: ignore[union-attr]
    if len(drafts) == 1:
        return drafts[0]
    ordered = sorted(drafts, key=lambda draft: str(draft.values[applied] or ""))
    whole = ordered[0]
    steps = [
        Step(str(draft.values[stage]), f"{draft.values[applied]}{_AT_MIDNIGHT}", str(draft.values[notes] or ""))
        for draft in ordered
        if draft.values[applied]
    ]
    sent = [draft for draft in ordered if _is_sent(pipeline, draft.values[stage])] or ordered
    texts = list(dict.fromkeys(str(draft.values[notes]) for draft in ordered if draft.values[notes]))
    for draft in ordered[1:]:
        whole.values |= {name: value for name, value in draft.values.items() if whole.values.get(name) is None}
        whole.given |= draft.given
        whole.person = whole.person or draft.person
        whole.is_noted = whole.is_noted or draft.is_noted
    whole.values |= {
        stage: ordered[-1].values[stage],
        applied: sent[0].values[applied],
        notes: "\n".join(texts) or None,
    }
    whole.steps = steps
    return whole


def _is_sent(pipeline: Pipeline, stage: Wire) -> bool:
    category = pipeline.category_of(stage)
    return category in CATEGORY and CATEGORY[category].is_sent
