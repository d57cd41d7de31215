"""What a cell shows can be typed back or pasted and means the same, however a place writes it; so can pay."""

import json
import re
from html import unescape
from uuid import UUID

import pytest

from tests.support.kinds import RecordForms, declare
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field, Wire
from tmr.domain.kinds import KINDS

# By the display of a column's type: what a form takes everywhere, and something else.
TEXTS = {
    "text": ("Ørsted & Söhne", "Globex"),
    "date": ("2027-02-04", "2026-12-24"),
    "wall_time": ("2027-02-04T09:30", "2026-12-24T14:00"),
    "instant": ("2026-10-04T09:30", "2026-09-24T14:00"),
    "length": ("90", "45"),
    "number": ("1234567.5", "-40"),
    "money": ("1234567.50 EUR", "45 USD"),
    "amount": ("1234567.50", "45"),
}
NAMED = {
    "url": ("https://a.example/x", "https://b.example/y"),
    "profile_url": ("https://a.example/x", "https://b.example/y"),
    "email": ("a@a.example", "b@b.example"),
    "phone": ("+49 30 123456", "+49 30 99"),
    "currency": ("EUR", "PLN"),
    "time_zone": ("Europe/Berlin", "America/New_York"),
}
PAY = ("salary_min", "salary_max", "salary_currency", "salary_period")


@pytest.fixture
def record_forms(alice) -> RecordForms:
    return RecordForms(alice)


@pytest.fixture
def values_of(alice, services):
    """Reads what is stored of a record."""

    def read(plural: str, record_id: str) -> dict[str, Wire]:
        with services.repository.for_owner(alice.owner) as uow:
            return uow.records.get(uow.kinds[plural], UUID(record_id)).values

    return read


def edit(record_forms: RecordForms, plural: str, record_id: str, field: str, **texts: str):
    version = record_forms.version(plural, record_id)
    place = f"/{plural}/{record_id}"
    return record_forms.alice.post(place, htmx=True, cell=field, version=version, **(texts or {}))


def paste(record_forms: RecordForms, plural: str, record_id: str, field: str, text: str):
    cells = [[record_id, int(record_forms.version(plural, record_id)), {field: text}]]
    return record_forms.alice.post(f"/{plural}/cells", htmx=True, cells=json.dumps(cells))


def shown(answer, field: str) -> str:
    cell = re.search(rf'<td data-field="{field}"[^>]*>(.*?)</td>', answer.text, re.DOTALL)
    assert cell, answer.text
    text = re.sub(r"<button.*?</button>", "", cell[1], flags=re.DOTALL)  # it acts on the row, and is none of its value
    return unescape(re.sub(r"<[^>]+>", "", text))


def add(record_forms: RecordForms, kind: Kind) -> str:
    application = {"company": "Ørsted", "title": "Engineer"}
    if kind.link_to("application") and kind.by_name.get("application_id"):
        given = {"application_id": record_forms.alice.add(**application)}
    else:
        given = application
    return record_forms.add(kind.plural, **{**given, **dict.fromkeys(("name", "title"), "Engineer")})


def typed_columns(kind: Kind) -> list[Field]:
    """The columns that are typed into: not those of a choice, of links, or of several fields."""
    return [
        field for field in kind.columns if field.type.display in TEXTS and not field.together and not field.is_fixed
    ]


@pytest.mark.parametrize("place", ["", "en_US", "en_DE", "en_CH"])
def test_what_a_cell_shows_is_typed_back_and_pasted_as_the_same(record_forms, values_of, place: str) -> None:
    record_forms.alice.post("/settings/profile", page="/settings", time_zone="Europe/Berlin", locale=place)
    own = {declare(record_forms.alice, of_type, of_type): of_type for of_type in ("text", "number", "money", "date")}
    wrong = []
    for kind in KINDS.values():
        record_id = add(record_forms, kind)
        columns = {field.name: NAMED.get(field.name, TEXTS[field.type.display]) for field in typed_columns(kind)}
        if kind.plural == "applications":
            columns |= {name: TEXTS[of_type] for name, of_type in own.items()}
        for name, (one, other) in columns.items():
            words = shown(edit(record_forms, kind.plural, record_id, name, **{name: one}), name)
            meant = values_of(kind.plural, record_id)[name]
            edit(record_forms, kind.plural, record_id, name, **{name: other})
            typed = edit(record_forms, kind.plural, record_id, name, **{name: words})
            read = [values_of(kind.plural, record_id)[name]]
            edit(record_forms, kind.plural, record_id, name, **{name: other})
            paste(record_forms, kind.plural, record_id, name, words)
            read.append(values_of(kind.plural, record_id)[name])
            if (typed.status_code, read) != (200, [meant, meant]):
                wrong.append((kind.key, name, words, meant, typed.status_code, read))

    assert wrong == []


STAYS = [
    ("applications", {"deadline_on": "2026-01-04"}),  # the nearest 4 January is the next one
    ("applications", {"tags": "python; sql"}),
    ("interviews", {"starts_at": "2026-12-24T14:00", "time_zone": "America/New_York"}),
]


@pytest.mark.parametrize(("plural", "texts"), STAYS)
def test_a_cell_whose_own_words_are_typed_over_it_stays_as_it_is(record_forms, values_of, plural: str, texts) -> None:
    """Seen failing: the words of a date without its year moved it by a year, and two tags became one."""
    record_forms.alice.post("/settings/profile", page="/settings", time_zone="Europe/Berlin")
    record_id, name = add(record_forms, KINDS[plural]), next(iter(texts))
    words = shown(edit(record_forms, plural, record_id, name, **texts), name)
    before = values_of(plural, record_id)

    answer = edit(record_forms, plural, record_id, name, **{name: words})

    assert answer.status_code == 200
    assert values_of(plural, record_id) == before


# What is typed over pay of 50 to 60 thousand dollars a year, and what it means.
TYPED_PAY = [
    ("90–100k", ("90000", "100000", "USD", "year")),
    ("$90k", ("90000", None, "USD", "year")),
    ("€ 55.000", ("55000", None, "EUR", "year")),
    ("55k–65k EUR", ("55000", "65000", "EUR", "year")),
    ("90–100k a year", ("90000", "100000", "USD", "year")),
    ("up to £45/h", (None, "45", "GBP", "hour")),
    ("€85–95k", ("85000", "95000", "EUR", "year")),
    ("55k", ("55000", "60000", "USD", "year")),  # a number is what is in the first of the cell's boxes
]


@pytest.mark.parametrize(("text", "meant"), TYPED_PAY)
def test_pay_is_typed_into_a_cell_as_it_is_shown_and_pasted(record_forms, values_of, text: str, meant) -> None:
    """Seen failing: all but the last were refused."""
    stored = dict(zip(PAY, ("50000", "60000", "USD", "year"), strict=True))
    application = record_forms.alice.add(company="Globex", **stored)

    answer = edit(record_forms, "applications", application, "salary_min", **{**stored, "salary_min": text})

    assert answer.status_code == 200, answer.text
    assert tuple(values_of("applications", application)[name] for name in PAY) == meant


@pytest.mark.parametrize("place", ["", "en_DE"])
@pytest.mark.parametrize(
    "pay",
    [
        ("90000", "100000", "EUR", "year"),
        ("", "60000", "GBP", "year"),
        ("45.5", "", "USD", "hour"),
        ("4500", "5250", "PLN", "month"),
        ("1200000", "1500000", "INR", ""),
        ("65000", "65000", "", ""),
    ],
)
def test_pay_that_a_cell_shows_is_typed_into_another_one(record_forms, values_of, place: str, pay) -> None:
    """Seen failing: “€up to 60k” was shown, and nothing of it was taken."""
    record_forms.alice.post("/settings/profile", page="/settings", locale=place)
    first, second = (record_forms.alice.add(company=name) for name in ("Globex", "Initech"))
    words = shown(
        edit(record_forms, "applications", first, "salary_min", **dict(zip(PAY, pay, strict=True))), "salary_min"
    )

    answer = edit(record_forms, "applications", second, "salary_min", **{**dict.fromkeys(PAY, ""), "salary_min": words})

    assert answer.status_code == 200, answer.text
    expected = [text or None for text in pay]
    if expected[1] == expected[0]:
        expected[1] = None  # one amount is shown
    if expected[3] == "year":
        expected[3] = None  # which goes without saying
    assert [values_of("applications", second)[name] for name in PAY] == expected


def test_a_box_that_was_emptied_takes_what_is_typed_into_another_one(record_forms, values_of) -> None:
    """Seen failing: the upper end of what was typed was lost."""
    application = record_forms.alice.add(company="Globex", salary_min="50000", salary_max="60000")

    edit(record_forms, "applications", application, "salary_min", salary_min="90–100k", salary_max="")

    assert [values_of("applications", application)[name] for name in PAY[:2]] == ["90000", "100000"]


@pytest.mark.parametrize(
    ("name", "text"), [("deadline_on", "45123"), ("status", "in the works"), ("excitement", "many")]
)
def test_what_only_a_paste_guesses_is_refused_where_it_is_typed(record_forms, values_of, name: str, text: str) -> None:
    """The first seen failing: a number in a date was one of the days that Excel counts."""
    application = record_forms.alice.add(company="Globex")
    before = values_of("applications", application)

    assert record_forms.alice.change(application, **{name: text}).status_code == 422
    assert values_of("applications", application) == before


def test_what_was_typed_into_the_other_boxes_of_a_cell_counts_more(record_forms, values_of) -> None:
    application = record_forms.alice.add(company="Globex", salary_currency="USD", salary_min="1")
    boxes = {"salary_min": "90–100k", "salary_max": "", "salary_currency": "CHF", "salary_period": ""}

    edit(record_forms, "applications", application, "salary_min", **boxes)

    assert [values_of("applications", application)[name] for name in PAY] == ["90000", "100000", "CHF", None]


def test_an_amount_with_its_currency_is_read_on_the_page_and_empties_nothing(record_forms, values_of) -> None:
    application = record_forms.alice.add(company="Globex", salary_min="50000", salary_max="60000")

    answer = record_forms.change("applications", application, salary_min="€ 55.000", salary_max="60000")

    assert answer.status_code == 303
    assert [values_of("applications", application)[name] for name in PAY] == ["55000", "60000", "EUR", None]


def test_pay_is_read_so_in_the_form_of_a_new_record(record_forms, values_of) -> None:
    """Seen failing: both were refused."""
    application = record_forms.add("applications", company="Globex", title="Analyst", salary_min="90–100k EUR")
    offer = record_forms.add("offers", application_id=application, base="€ 55.000")
    refused = record_forms.post("offers", application_id=application, base="a lot")

    assert [values_of("applications", application)[name] for name in PAY] == ["90000", "100000", "EUR", None]
    assert [values_of("offers", offer)[name] for name in ("base", "currency")] == ["55000", "EUR"]
    assert refused.status_code == 422
    assert "Enter an amount, for example 65000, 65k or 65k EUR." in refused.text


def test_what_says_more_than_the_fields_can_hold_is_refused(record_forms, values_of) -> None:
    application = record_forms.alice.add(company="Globex", salary_min="50000")

    answer = edit(record_forms, "applications", application, "salary_min", salary_min="80k plus a car")

    assert answer.status_code == 422
    assert values_of("applications", application)["salary_min"] == "50000"
