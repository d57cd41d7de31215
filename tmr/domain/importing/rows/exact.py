"""Reads the rows of our own export, whose values are taken exactly as they are."""

import datetime as dt
from collections.abc import Mapping

from tmr.domain.exporting import NUMBER
from tmr.domain.fields.formula_escaping import restore
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.types.links import FILE, Link, Links
from tmr.domain.fields.types.stages import StageChoice
from tmr.domain.importing.headers import SAVED_ON
from tmr.domain.importing.plan import Plan
from tmr.domain.importing.rows.draft import Draft, Linker, Values


class ExactReader:
    """Reads the rows of one table of our own export."""

    def __init__(self, kind: Kind, plan: Plan, linker: Linker) -> None:
        self._kind, self._plan, self._linker = kind, plan, linker
        self._targets = [(index, target) for index, target in enumerate(plan.columns) if target]
        self._defaults = kind.defaults()

    def read(self, cells: list[str]) -> Draft:
        """Return the draft of one row."""
        texts = {target: restore(cells[index]) for index, target in self._targets}
        number = texts.pop(NUMBER, "")
        created, updated = _instant(texts.pop(SAVED_ON, "")), _instant(texts.pop("updated_at", ""))
        kept = self._stored_stages(texts)
        problems = {name: self._number_links(texts, name) for name in [field.name for field in self._kind.links]}
        values, errors = self._kind.parse(texts)
        errors |= {name: problem for name, problem in problems.items() if problem}
        whole, given = {**self._defaults, **values, **kept}, {*values, *kept}
        return Draft(whole, created, updated, _first(errors), number, given=given)

    def created_at(self, cells: list[str]) -> dt.datetime | None:
        """Return when the record in a row was added, or None."""
        return next((_instant(restore(cells[index])) for index, target in self._targets if target == SAVED_ON), None)

    def _stored_stages(self, texts: dict[str, str]) -> Values:
        """Take the stage out of ``texts``, by its key, retired or not, or as the person decided for that word."""
        field = self._kind.stage_field
        if field is None or not isinstance(field.type, StageChoice) or not texts.get(field.name):
            return {}
        text = texts.pop(field.name)
        key = text if text in field.type.pipeline.by_key else self._plan.stage_for(text)
        if not key:
            texts[field.name] = text
        return {field.name: key} if key else {}

    def _number_links(self, texts: dict[str, str], name: str) -> str:
        field = self._kind.by_name[name]
        target = field.type.target if isinstance(field.type, Link) else ""
        numbers = [number.strip() for number in texts.get(name, "").split(";") if number.strip()][: Links.most]
        ids = [self._linker.by_number(target, number) for number in numbers]
        texts[name] = ";".join(target_id for target_id in ids if target_id)
        lost = [number for number, target_id in zip(numbers, ids, strict=True) if not target_id]
        if not lost:
            return ""
        what = "file" if target == FILE else target
        return f"This export has no {what} {lost[0][:60]}." if target == FILE or field.is_required else ""


def _instant(text: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text).astimezone(dt.UTC)
        return moment if 1900 <= moment.year <= 2200 else None
    except (ValueError, OverflowError):
        return None


def _first(errors: Mapping[str, str]) -> str:
    return next((f"{name}: {error}" for name, error in errors.items()), "")
