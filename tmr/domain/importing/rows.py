"""One row of a file as a record."""

import datetime as dt
from collections import Counter

import msgspec

from tmr.domain.csv_cells import restore
from tmr.domain.field_types import Date, Field, LongText, ValueRefusedError, Wire
from tmr.domain.importing.aliases import SALARY, SAVED_ON
from tmr.domain.importing.dates import DAY_FIRST, read_date
from tmr.domain.importing.html_text import plain_text
from tmr.domain.importing.plan import Plan
from tmr.domain.importing.salaries import read_salary
from tmr.domain.kinds import Kind


class Draft(msgspec.Struct):
    """What a row holds: values, its own times if it has any, and why it cannot be kept."""

    values: dict[str, Wire]
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    error: str = ""


class RowReader:
    """Reads rows after a plan."""

    def __init__(self, kind: Kind, plan: Plan) -> None:
        self._kind = kind
        self._plan = plan
        self._targets = [(index, target) for index, target in enumerate(plan.columns) if target]
        self._defaults = kind.defaults()
        self._joined = {
            target
            for target, count in Counter(target for _, target in self._targets).items()
            if count > 1 and target in kind.by_name and isinstance(kind.by_name[target].type, LongText)
        }

    def read(self, cells: list[str]) -> Draft:
        """Return the draft of one row; what a field refuses goes to the notes, so that nothing is lost."""
        return self._read_exactly(cells) if self._plan.is_exact else self._read_loosely(cells)

    def _read_exactly(self, cells: list[str]) -> Draft:
        texts = {target: restore(cells[index]) for index, target in self._targets}
        created, updated = _instant(texts.pop(SAVED_ON, "")), _instant(texts.pop("updated_at", ""))
        values, errors = self._kind.parse(texts)
        return Draft({**self._defaults, **values}, created, updated, _first(errors))

    def _read_loosely(self, cells: list[str]) -> Draft:
        texts: dict[str, str] = {}
        left: list[str] = []
        saved_on: dt.datetime | None = None
        for index, target in self._targets:
            cell = restore(cells[index]).strip()
            if cell and target == SAVED_ON:
                saved_on = self._midnight(index, cell)
            elif cell:
                self._put(texts, left, index, target, cell)
        if not texts.get("status"):
            texts["status"] = self._plan.status
        return self._draft(texts, left, saved_on)

    def _put(self, texts: dict[str, str], left: list[str], index: int, target: str, cell: str) -> None:
        label = self._plan.table.header[index]
        found = read_salary(cell) if target == SALARY else {target: self._text(index, target, cell)}
        if target in self._joined and found:
            texts[target] = "\n".join(filter(None, (texts.get(target, ""), f"{label}: {found[target]}")))
        elif not found or any(not text or texts.get(name, text) != text for name, text in found.items()):
            left.append(f"{label}: {cell}")  # unreadable, or another column has filled the field already
        else:
            texts |= found

    def _text(self, index: int, target: str, cell: str) -> str:
        field = self._kind.by_name[target]
        if target == "status":
            return self._plan.words.get(cell, "") or cell
        if isinstance(field.type, Date):
            date = read_date(cell, self._plan.date_orders.get(str(index), DAY_FIRST))
            return date.isoformat() if date else ""
        return plain_text(cell) if isinstance(field.type, LongText) else cell

    def _draft(self, texts: dict[str, str], left: list[str], saved_on: dt.datetime | None) -> Draft:
        draft = Draft(dict(self._defaults), saved_on)
        for name, text in texts.items():
            self._parse(draft, left, self._kind.by_name[name], text)
        for name in self._kind.contradictions(draft.values, {}):
            left.append(f"{self._kind.by_name[name].label}: {texts[name]}")
            draft.values[name] = None
        if left:
            notes = filter(None, (str(draft.values["notes"] or ""), *left))
            self._parse(draft, [], self._kind.by_name["notes"], "\n".join(notes))
        missing = next((name for name in self._kind.name_fields if not draft.values[name]), "")
        if missing and not draft.error:
            draft.error = f"{missing}: {self._kind.by_name[missing].label} is needed."
        return draft

    def _parse(self, draft: Draft, left: list[str], field: Field, text: str) -> None:
        try:
            draft.values[field.name] = field.type.parse(text)
        except ValueRefusedError as error:
            if field.is_required or isinstance(field.type, LongText):
                draft.error = f"{field.name}: {error}"
            else:
                left.append(f"{field.label}: {text}")

    def _midnight(self, index: int, cell: str) -> dt.datetime | None:
        date = read_date(cell, self._plan.date_orders.get(str(index), DAY_FIRST))
        return dt.datetime.combine(date, dt.time(), dt.UTC) if date else None


def _instant(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def _first(errors: dict[str, str]) -> str:
    return next((f"{name}: {error}" for name, error in errors.items()), "")
