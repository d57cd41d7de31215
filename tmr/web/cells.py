"""Writes the cells of the grid. In Python and not in a template: a page has hundreds, and this is ten times as fast."""

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape
from msgspec import json

from tmr.domain.field_types import Choice, Field, Wire
from tmr.domain.pipeline import STAGES
from tmr.domain.records import Record
from tmr.web.filters import pay, short_date

Values = Mapping[str, Wire]
Writer = Callable[[Values], str]

_STAGES = {
    stage.key: f'<span class="st {stage.shape} s-{stage.category.replace(" ", "-")}">{escape(stage.label)}</span>'
    for stage in STAGES
}


def row(record: Record, columns: tuple[Field, ...]) -> Markup:
    """Return the ``<tr>`` of a record."""
    kind, values = record.kind, record.values
    name = escape(values[kind.name_fields[0]])
    cells = "".join([_cell_writer(field, kind.plural)(record) for field in columns])
    return Markup(  # noqa: S704 - every value is escaped by its writer
        f'<tr id="{kind.key}-{record.id}" data-id="{record.id}" data-version="{record.version}">'
        f'<td class="pick"><input type="checkbox" name="ids" value="{record.id}" form="bulk" '
        f'aria-label="Select {name}"></td>{cells}</tr>\n'
    )


def cell(record: Record, field: Field) -> Markup:
    """Return the ``<td>`` of one field of a record."""
    return Markup(_cell_writer(field, record.kind.plural)(record))  # noqa: S704 - escaped by its writer


@lru_cache
def _cell_writer(field: Field, plural: str) -> Callable[[Record], str]:
    start, show = f'<td data-field="{field.name}"', _writer(field)
    if field.together:
        names = field.together
        return lambda record: f"{start}{_data_values(names, record.values)}>{escape(pay(record.values))}</td>"
    if field.is_required and field.number == 2:
        return lambda record: f'{start}><a href="/{plural}/{record.id}">{show(record.values)}</a></td>'
    if field.type.control in ("text_field", "tags_field", "stage_field", "choice_field"):
        return lambda record: f"{start}>{show(record.values)}</td>"
    name, write = field.name, field.type.write

    def with_data(record: Record) -> str:
        text = write(record.values[name])
        return f'{start} data-value="{escape(text)}">{show(record.values)}</td>' if text else f"{start}></td>"

    return with_data


def _data_values(names: Any, values: Values) -> str:
    texts = [str(values.get(name) or "") for name in names]
    return f' data-values="{escape(json.encode(texts).decode())}"' if any(texts) else ""


def _writer(field: Field) -> Writer:
    name, control, kind_of = field.name, field.type.control, field.type
    if control == "stage_field":
        return lambda values: _STAGES.get(str(values[name]), "")
    if field.is_due:
        return lambda values: _due(values[name])
    if control == "date_field":
        return lambda values: short_date(values[name])  # type: ignore[arg-type]
    if control == "tags_field":
        return lambda values: " ".join([f'<span class="tag">{escape(tag)}</span>' for tag in values[name] or ()])  # type: ignore[union-attr]
    if control == "rating_field":
        return lambda values: _stars(values[name])
    if isinstance(kind_of, Choice):
        return lambda values: str(escape(kind_of.label(values[name])))
    return lambda values: str(escape(values[name])) if values[name] is not None else ""


def _due(value: Wire) -> str:
    """Write a date that wants something to be done; one that has passed stands out."""
    text = short_date(str(value) if value else None)
    is_late = bool(text) and str(value) < dt.datetime.now(dt.UTC).date().isoformat()
    return f'<span class="late" title="This date has passed">{text}</span>' if is_late else text


def _stars(value: Wire) -> str:
    if not isinstance(value, int):
        return ""
    full, empty = "★" * value, "★" * (5 - value)
    return f'<span class="stars" role="img" aria-label="{value} of 5">{full}<s>{empty}</s></span>'
