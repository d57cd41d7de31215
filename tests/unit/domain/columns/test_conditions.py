"""A list is narrowed by a text in a column, by bounds, and by whether there is something in it."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from werkzeug.datastructures import MultiDict

from tests.support.factories import EXTRA, application, values_of
from tmr.crypto.padding import unpad
from tmr.domain.columns.conditions import names_of, ways_of
from tmr.domain.fields.kind import Kind
from tmr.domain.kinds import KINDS
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.interview import INTERVIEW
from tmr.domain.listing import asks_for_nothing, parse_criteria, select
from tmr.domain.locales.locale import locale_named
from tmr.domain.locales.typed_dates import Typing
from tmr.domain.record import Scanned
from tmr.records.grid.chips import chips_of
from tmr.repository.records.codec import decode_slots, encode_summary

NOW = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)


def row(number: int, kind: Kind = APPLICATION, **values) -> Scanned:
    whole = application(**values) if kind is APPLICATION else values_of(kind, **values)
    return Scanned(bytes([number]), decode_slots(unpad(encode_summary(kind, whole))))


ROWS = [
    row(0, company="Ørsted", applied_on="2026-11-01", tags=["SRE"], salary_min="65000", excitement=0),
    row(1, company="Müller", applied_on="2026-10-01", salary_min="9000", excitement=5),
    row(2, company="acme", location="Zürich"),
]


def shown(query: str) -> list[int]:
    arguments = MultiDict(pair.split("=", 1) for pair in query.split("&") if pair)
    return [found.id[0] for found in select(APPLICATION, ROWS, parse_criteria(APPLICATION, arguments.getlist))]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("company.has=ORSTED", [0]),
        ("company.has=mueller", [1]),
        ("company.has=me", [2]),
        ("tags.has=sre", [0]),
        ("tags.is=empty", [1, 2]),
        ("location.is=filled", [2]),
        ("salary_min.from=10000", [0]),
        ("salary_min.from=9k&salary_min.to=9000", [1]),
        ("salary_min.to=65000.00", [0, 1]),
        ("excitement.to=0", [0]),
        ("excitement.from=5&excitement.is=filled", [1]),
        ("applied_on.from=2026-10-02", [0]),
        ("applied_on.to=2026-10-01", [1]),
        ("applied_on.is=empty", [2]),
        ("applied_on.from=2026-10-01&company.has=e", [0, 1]),
        ("company.has=", [0, 1, 2]),
    ],
)
def test_conditions_choose_rows(query: str, numbers: list[int]) -> None:
    assert shown(query) == numbers


@pytest.mark.parametrize(
    "query", ["salary_min.from=lots", "excitement.to=9", "applied_on.from=someday", "tags.is=perhaps"]
)
def test_what_is_no_condition_leaves_nothing_out_and_is_told(query: str) -> None:
    criteria = parse_criteria(APPLICATION, MultiDict([query.split("=")]).getlist)

    assert shown(query) == [0, 1, 2]
    assert criteria.refused == dict([query.split("=")])
    assert (criteria.conditions, criteria.shape, criteria.is_plain) == ({}, "", False)


def test_w1_the_texts_of_all_conditions_have_a_limit_together() -> None:
    """Seen failing: the links of a page with thirty of them, each with its whole address, came to 4.7 MB."""
    long, fields = "é" * 200, ("company", "title", "location")
    asked = [*((f"{name}.has", long) for name in fields), ("deadline_on.is", "empty")]

    criteria = parse_criteria(APPLICATION, MultiDict(asked).getlist)

    kept = {f"{name}.has": long for name in fields[:2]}
    assert criteria.conditions == {**kept, "deadline_on.is": "empty"}
    assert criteria.refused == {"location.has": long}
    assert chips_of(APPLICATION, criteria, "")[-1].words.endswith("is too much text beside the rest")


def test_w1_the_words_of_all_filters_have_a_limit_together() -> None:
    tags = [("tag", f"{number:040}") for number in range(60)]

    criteria = parse_criteria(APPLICATION, MultiDict([*tags, ("status", "saved")]).getlist)

    assert len(criteria.choices["tag"]) == 50 - 1
    assert len(criteria.query()) < 3_000


@pytest.mark.parametrize(
    "query", ["status.is=empty", "company.is=empty", "company.from=a", "url.has=x", "nothing.has=x"]
)
def test_a_condition_that_its_column_does_not_have_is_none(query: str) -> None:
    """A column that always holds something cannot be empty; what is not in the summary cannot narrow a list."""
    criteria = parse_criteria(APPLICATION, MultiDict([query.split("=")]).getlist)

    assert (criteria.conditions, criteria.refused) == ({}, {})


def test_an_address_has_a_condition_as_it_is_meant() -> None:
    asked = {"salary_min.from": "65k", "applied_on.to": "yesterday", "company.has": " two  words "}
    typing = Typing(locale_named(""), NOW)

    criteria = parse_criteria(APPLICATION, MultiDict(asked).getlist, typing)

    assert criteria.shape == "company.has=two+words&salary_min.from=65000&applied_on.to=2026-11-28"
    assert not asks_for_nothing(APPLICATION, MultiDict({"tags.is": ""}).getlist)


def test_linked_records_are_found_by_what_they_are_called() -> None:
    home = "11111111-1111-1111-1111-111111111111"
    rows = [row(0, INTERVIEW, application_id=home), row(1, INTERVIEW, application_id=home[::-1].replace("-", "-"))]
    criteria = parse_criteria(INTERVIEW, MultiDict({"application_id.has": "Ørst"}).getlist)

    assert [found.id[0] for found in select(INTERVIEW, rows, criteria, {home: "orsted · engineer"})] == [0]


def test_the_day_of_an_instant_is_the_one_where_the_person_is() -> None:
    event = KINDS["events"]
    rows = [row(0, event, **{**EXTRA.get("events", {}), "happened_at": "2026-11-01T23:30:00Z"})]
    criteria = parse_criteria(event, MultiDict({"happened_at.from": "2026-11-02"}).getlist)

    assert select(event, rows, criteria, {}, dt.UTC) == []
    assert len(select(event, rows, criteria, {}, ZoneInfo("Europe/Berlin"))) == 1


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.plural)
def test_every_column_can_narrow_a_list(kind: Kind) -> None:
    for field in kind.columns:
        assert ways_of(field) or field.type.filter_options
    assert len(names_of(kind)) == len(set(names_of(kind)))
