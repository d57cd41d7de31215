"""“Make a field of this column” on the page of an import."""

import csv
import io
import re
from functools import partial
from uuid import UUID

import pytest

from tests.support.kinds import FIELDS, declare, names, place_of
from tests.support.people import Person
from tmr.domain.fields.own import OwnField
from tmr.domain.importing.reading.made_fields import guessed_type
from tmr.records.imports.run import run

TABLE = """Company,Title,Visa fee,Team size,Start of work,Referral,Repo,Mascot,Mood
Acme,SRE,90 EUR,12,24.11.2026,yes,https://a.example/x,Axolotl,good
Bolt,Lead,$1200,7,25.11.2026,x,https://b.example,Quokka the second,bad
Cobb,Dev,100 EUR,n/a,26.11.2026,no,https://c.example,Capybara,good
"""
COLUMNS = {"Visa fee": 2, "Team size": 3, "Start of work": 4, "Referral": 5, "Repo": 6, "Mascot": 7}


def proposed(person: Person, table: str = TABLE) -> str:
    answer = person.upload(table.encode())
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def column(person: Person, name: str) -> list[str]:
    """A column of the export, in the order of the companies."""
    rows = sorted(csv.DictReader(io.StringIO(person.csv())), key=lambda row: row["company"])
    return [row[name] for row in rows]


@pytest.mark.parametrize(
    ("cells", "of_type"),
    [
        ([], "text"),
        (["x", "✓", "no"], "tick"),
        (["24 Nov 2026", "2026-11-25"], "date"),
        (["https://a.example", "b.example/1"], "link"),
        (["12", "3.5", "-4", "1,200"], "number"),
        (["1", "0", "1"], "number"),
        (["90 EUR", "$1200", "65k"], "money"),
        (["Red", "Blue", "red"] * 4, "choice"),
        (["Red", "Blue", "Green"], "text"),
        (["12"] * 19 + ["about twelve"], "number"),
        (["12"] * 5 + ["about twelve"], "text"),
    ],
)
def test_what_a_column_holds_is_told_by_nearly_all_of_its_values(cells: list[str], of_type: str) -> None:
    assert guessed_type(cells) == of_type


def test_columns_become_fields_when_the_import_is_accepted(alice) -> None:
    place = proposed(alice)
    assert "Make a field of this column" in alice.get(place).text
    asked = {f"column.{index}": "new" for index in COLUMNS.values()}

    shown = alice.post(place, only="preview", **asked)
    assert shown.status_code == 200
    assert names(alice) == set()
    assert "90\u00a0EUR" in shown.text
    assert alice.post(place, **asked).status_code == 303

    settings = " ".join(alice.get(FIELDS).text.split())
    told = {
        "Visa fee": "Money",
        "Team size": "Number",
        "Start of work": "Date",
        "Referral": "Yes or no",
        "Repo": "Link",
    }
    for label, of_type in {**told, "Mascot": "Text"}.items():
        assert re.search(rf"<summary> ?{label} ?<span class=\"quiet\"> ?{of_type}, \d values ?</span>", settings)
    assert column(alice, "Visa fee") == ["90 EUR", "1200 USD", "100 EUR"]
    assert column(alice, "Team size") == ["12", "7", ""]
    assert column(alice, "Start of work") == ["2026-11-24", "2026-11-25", "2026-11-26"]
    assert column(alice, "Referral") == ["yes", "yes", "no"]
    assert column(alice, "notes") == ["Mood: good", "Mood: bad", "Mood: good"]


def test_the_type_of_a_new_field_can_be_corrected_before(alice) -> None:
    place = proposed(alice)
    page = alice.post(place, only="preview", **{"column.7": "new", "column.3": "new"}).text
    mascot = re.search(r'<option value="(own_\w+)" selected>Mascot', page)
    assert 'name="type.7"' in page

    page = alice.post(place, only="preview", **{"column.7": mascot[1], "type.7": "choice"}).text
    assert '<option value="choice" selected>' in page
    assert alice.post(place).status_code == 303

    alice.post(place_of(alice, "Mascot"), label="Animal")
    assert "Axolotl\nQuokka the second\nCapybara</textarea>" in alice.get(FIELDS).text
    assert column(alice, "Animal") == ["Axolotl", "Quokka the second", "Capybara"]


def test_a_new_field_is_shown_also_where_the_columns_of_the_list_were_chosen(alice) -> None:
    alice.post("/applications/view", columns=["status"])
    alice.post(proposed(alice), **{"column.7": "new", "column.3": "new"})

    page = alice.get("/applications").text

    assert 'data-field="location"' not in page
    assert len(names(alice)) == 2
    assert all(f'data-field="{name}"' in page for name in names(alice))


def test_a_field_is_not_made_of_a_column_that_was_mapped_elsewhere_after_all(alice) -> None:
    place = proposed(alice)
    alice.post(place, only="preview", **{"column.7": "new"})

    alice.post(place, **{"column.7": "notes"})

    assert names(alice) == set()
    assert "Axolotl" in alice.csv()


def test_a_column_that_is_called_like_a_field_is_taken_for_it(alice) -> None:
    declare(alice, "Mascot")

    alice.post(proposed(alice))

    assert column(alice, "Mascot") == ["Axolotl", "Quokka the second", "Capybara"]


def test_a_label_that_is_taken_gets_a_number_and_too_many_fields_are_refused(alice) -> None:
    declare(alice, "Mascot")
    place = proposed(alice)
    alice.post(place, **{"column.7": "new"})
    assert "Mascot 2" in alice.get(FIELDS).text
    for number in range(28):
        declare(alice, f"Field {number}")

    answer = alice.post(proposed(alice, TABLE.replace("Acme", "Zeta")), **{"column.2": "new"})

    assert answer.status_code == 422
    assert "You have 30 own fields for applications." in answer.text


def test_rows_that_are_pasted_into_a_list_fill_own_columns(alice) -> None:
    name = declare(alice, "Visa fee", "money")
    alice.post("/applications/view", columns=["status", name])

    answer = alice.post("/applications/paste", rows="Acme\tSRE\tapplied\t90 EUR\nBolt\tLead\tsaved\t$12")

    assert answer.status_code == 303, answer.text
    assert column(alice, "Visa fee") == ["90 EUR", "12 USD"]


def test_a_large_import_makes_its_fields_in_the_worker(alice, services) -> None:
    rows = "".join(f"C{number:03},T,{number % 3}\n" for number in range(501))
    place = proposed(alice, f"company,title,Points\n{rows}")
    assert alice.post(place, **{"column.2": "new"}).status_code == 303
    assert names(alice) == set()

    run(partial(services.repository.for_owner, alice.owner), UUID(place.rsplit("/", 1)[1]), services.clock())

    assert column(alice, "Points")[:4] == ["0", "1", "2", "0"]
    assert "Number, 501 values" in " ".join(alice.get(FIELDS).text.split())


def test_the_undo_of_an_import_leaves_the_field_and_takes_the_values(alice) -> None:
    place = proposed(alice)
    alice.post(place, **{"column.7": "new"})

    alice.post(f"{place}/undo")

    assert "Text, no values" in " ".join(alice.get(FIELDS).text.split())


@pytest.mark.parametrize(
    ("others", "kept"),
    [(("12,5", "7"), "1234"), (("12.5", "7"), "1.2340"), (("1.234.567", "7"), "1234"), (("8", "7"), "1.2340")],
)
def test_a_number_that_could_be_either_is_read_as_its_column_shows(alice, others: tuple[str, str], kept: str) -> None:
    """Seen failing while each cell was read alone: beside 12,5 a team of 1.234 was a little more than one."""
    sizes = zip("abc", ("1.234", *others), strict=True)
    table = "Company\tTitle\tTeam size\n" + "".join(f"{company}\tSRE\t{size}\n" for company, size in sizes)

    alice.post(proposed(alice, table), **{"column.2": "new"})

    assert column(alice, "Team size")[0] == kept


@pytest.mark.parametrize("is_for_good", [False, True])
def test_i9_a_proposal_outlives_the_field_that_it_would_fill(alice, is_for_good: bool) -> None:
    """Seen failing: its page answered 500, and so did accepting it."""
    declare(alice, "Mascot")
    place, field = proposed(alice), place_of(alice, "Mascot")
    for end in ("delete", "delete-for-good")[: 1 + is_for_good]:
        alice.post(f"{field}/{end}")

    assert "The field that it was for is gone" in alice.get(place).text
    assert alice.post(place).status_code == 303

    assert "Mascot: Axolotl" in column(alice, "notes")[0]
    assert "“Mascot”, since the field that it was for is gone" in alice.get(place).text


def test_i9_a_proposal_fills_a_field_that_holds_something_else_by_now(alice, services) -> None:
    name = declare(alice, "Mascot")
    place = proposed(alice)
    with services.repository.for_owner(alice.owner) as uow:
        [kept] = uow.own_fields.all()
        uow.own_fields.change(kept.id, OwnField(kept.field.kind, name, "Animal", "date"))
        uow.commit()

    assert alice.get(place).status_code == 200
    assert alice.post(place).status_code == 303
    assert column(alice, "Animal")[0] == ""
    assert "Axolotl" in column(alice, "notes")[0]
