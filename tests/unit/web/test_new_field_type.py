"""A new type of field is one class: forms, cells, filters, search and sorting take it as it comes."""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar
from uuid import UUID

import jinja2
import pytest

import tmr
from tmr.domain.fields.kind import Identity, Kind
from tmr.domain.fields.type import Field, FieldType, SortKey, ValueRefusedError, Wire
from tmr.domain.listing import parse_criteria, select
from tmr.domain.record import Record, Scanned
from tmr.web.display.cells import cell


class Percent(FieldType):
    """A share in percent, which lists are narrowed to by its tens."""

    input_attributes: ClassVar = {"inputmode": "numeric", "max": 100}
    display = "length"
    is_typed_as_shown = False
    filter_name = "about"

    def parse(self, text: str) -> Wire:
        if text and not text.isdigit():
            raise ValueRefusedError("Write a number.")
        return int(text) if text else None

    def sort_key(self, value: Wire) -> SortKey:
        return int(str(value))

    def filter_word(self, word: str) -> str | None:
        return word[0] if word[:1].isdigit() else None

    def filter_test(self, words: Sequence[str]) -> Callable[[Wire], bool]:
        return lambda value: isinstance(value, int) and str(value // 10) in words


@pytest.fixture
def kind() -> Kind:
    fields = [
        Field(name="name", label="Name", number=2, type=FieldType(), is_required=True),
        Field(name="share", label="Share", number=3, type=Percent()),
    ]
    return Kind(
        key="plan",
        plural="plans",
        title="Plan",
        heading="Plans",
        fields=fields,
        place=9,
        icon="",
        identity=Identity(together=("name",)),
    )


def test_a_form_draws_its_control(kind: Kind) -> None:
    folder = Path(tmr.__file__).parent / "templates"
    templates = jinja2.Environment(loader=jinja2.FileSystemLoader(folder), autoescape=True)
    field_control = templates.get_template("controls/field_control.html").module.field_control

    control = str(field_control(kind.by_name["share"], "45"))

    assert all(part in control for part in ('name="share"', 'value="45"', 'inputmode="numeric"', 'max="100"'))


def test_a_cell_shows_it(kind: Kind) -> None:
    moment = dt.datetime(2026, 11, 28, tzinfo=dt.UTC)
    record = Record(UUID(int=1), kind, 1, moment, moment, {"name": "A", "share": 45})

    assert cell(record, kind.by_name["share"]) == '<td data-field="share" data-value="45">45 min</td>'


def test_a_list_is_narrowed_and_sorted_by_it(kind: Kind) -> None:
    rows = [Scanned(bytes([n]) * 16, [1, None, "N", share]) for n, share in enumerate((45, 9, 41, 100, None))]
    asked = {"about": ["40s"], "sort": ["share"]}

    narrowed = select(kind, rows, parse_criteria(kind, lambda name: asked.get(name, [])))
    ordered = select(kind, rows, parse_criteria(kind, lambda name: ["-share"] if name == "sort" else []))

    assert [row.summary[3] for row in narrowed] == [41, 45]
    assert [row.summary[3] for row in ordered] == [100, 45, 41, 9, None]
