"""Own fields in exports, and back: under their labels, the same to the byte, into an account that has some already."""

import csv
import io
import json
import zipfile

import pytest

from tests.support.kinds import FIELDS, RecordForms, declare, names, place_of
from tests.support.people import PASSWORD, Person
from tmr.domain.kinds import KINDS

VALUES = {
    "text": "=cmd|calc",
    "number": "3.725",
    "money": "€1,200.50",
    "date": "2026-11-24",
    "choice": "Sea green",
    "tick": "no",
    "link": "https://example.org/x",
}


def fill(person: Person, plural: str, **fields: str) -> dict[str, str]:
    """Declare a field of every type; return what a form sends for each."""
    choices = "Red\nSea green"
    made = {
        of_type: declare(person, f"-My {of_type}", of_type, plural, choices if of_type == "choice" else "")
        for of_type in VALUES
    }
    return {**fields, **{name: VALUES[of_type] for of_type, name in made.items()}}


def archive(person: Person) -> bytes:
    person.post("/reauthenticate", page="/reauthenticate", password=PASSWORD)
    answer = person.post("/settings/privacy/export")
    return answer.data


def entries(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        ours = [name for name in zipped.namelist() if name.endswith((".csv", ".json")) and "account" not in name]
        return {name: zipped.read(name) for name in ours if name not in ("manifest.json", "access-log.csv")}


def test_p21_every_value_is_in_the_export_under_its_label(alice) -> None:
    alice.add(**fill(alice, "applications"))

    exported = entries(archive(alice))
    [row] = csv.DictReader(io.StringIO(exported["applications.csv"].decode()))
    [record] = json.loads(exported["applications.json"])

    told = {"number": "3.7250", "money": "1200.5 EUR", "choice": "Sea green", "tick": "no", "text": "'=cmd|calc"}
    assert {of_type: row[f"'-My {of_type}"] for of_type in told} == told
    assert record["-My choice"] == "Sea green"
    assert record["-My text"] == "=cmd|calc"
    assert not any(name.startswith("own_") for name in [*row, *record])


def test_p22_an_export_with_own_fields_is_the_same_after_an_import(alice, bob) -> None:
    forms = RecordForms(alice)
    application = alice.add(**fill(alice, "applications"))
    sent = {"contacts": {"name": "Ada"}, "tasks": {"title": "Call"}, "offers": {"application_id": application}}
    for plural, fields in sent.items():
        forms.add(plural, **fill(alice, plural, **fields))
    alice.add(company="Without any")
    alice.post(place_of(alice, "-My choice"), label="Hue", choices="Green\nRed\nBlue")
    before = archive(alice)

    result = bob.bring(before, "export.zip")

    assert result["added"] == 5
    assert entries(archive(bob)) == entries(before)


def test_p22_a_field_of_the_same_label_takes_the_values_and_one_of_another_type_stays_apart(alice, bob) -> None:
    alice.add(**{declare(alice, "Colour", "choice", choices="Red\nGreen"): "Green", declare(alice, "Fee"): "much"})
    colour, fee = declare(bob, "colour", "choice", choices="Blue\nRed"), declare(bob, "Fee", "money")

    bob.bring(archive(alice), "export.zip")

    page = bob.get(FIELDS).text
    assert names(bob) > {colour, fee}
    assert len(names(bob)) == 3
    assert "Fee (text)" in page
    assert "Blue\nRed\nGreen</textarea>" in page
    [row] = csv.DictReader(io.StringIO(bob.csv()))
    assert (row["colour"], row["Fee"], row["Fee (text)"]) == ("Green", "", "much")


def test_p22_one_table_comes_back_without_the_settings_that_were_beside_it(alice) -> None:
    name = declare(alice, "Visa fee", "money")
    record = alice.add(**{name: "90 EUR"})
    table = alice.csv()
    alice.change(record, **{name: ""})

    result = alice.bring(table.encode(), duplicates="update")

    assert result["updated"] == 1
    assert "90 EUR" in alice.csv()


def test_an_export_brings_back_a_field_that_was_deleted_since(alice) -> None:
    record = alice.add(**{declare(alice, "Mascot"): "Axolotl"})
    before = archive(alice)
    alice.post(f"{place_of(alice, 'Mascot')}/delete")
    assert "Mascot" not in alice.csv()

    alice.bring(before, "export.zip", duplicates="update")

    assert len(names(alice)) == 1
    assert "Axolotl" in alice.get(f"/applications/{record}").text
    assert "Deleted fields" not in alice.get(FIELDS).text


@pytest.mark.parametrize(
    "field",
    [
        {"kind": "nothing"},
        {"type": "script"},
        {"label": "x" * 61},
        {"label": "a\u0000b"},
        {"type": "choice", "choices": [{"key": "x", "label": "y"}]},
        {"type": "choice", "choices": [{"key": "_1", "label": "y"}, {"key": "_1", "label": "z"}]},
    ],
)
def test_what_could_not_have_been_declared_is_left_out_of_an_export_by_hand(alice, field) -> None:
    declare(alice, "Mascot")
    alice.add(company="Globex")
    content = entries_with(
        archive(alice), {"kind": "applications", "name": "own_x", "label": "B", "type": "text", **field}
    )
    alice.post("/settings/privacy/erase-data", password=PASSWORD)

    alice.bring(content, "export.zip")

    assert [table for table in KINDS if "own_" in alice.get(f"/{table}").text] == ["applications"]
    assert len(names(alice)) == 1


def entries_with(content: bytes, field: dict[str, object]) -> bytes:
    """The same export with one more field in its settings, and no manifest that would tell."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as zipped, zipfile.ZipFile(made, "w") as out:
        for name in zipped.namelist():
            settings = json.loads(zipped.read(name)) if name == "settings.json" else None
            if settings:
                settings["own_fields"].append(field)
            out.writestr(name, json.dumps(settings) if settings else zipped.read(name))
    return made.getvalue()


def test_p24_erasing_all_data_takes_the_fields_along(alice, admin) -> None:
    alice.add(**{declare(alice, "Mascot"): "Axolotl"})
    place = place_of(alice, "Mascot")
    alice.post("/reauthenticate", page="/reauthenticate", password=PASSWORD)

    alice.post("/settings/privacy/erase-data", password=PASSWORD)

    assert admin.execute("SELECT count(*) FROM own_fields").fetchone() == (0,)
    assert names(alice) == set()
    assert alice.post(place, label="Other").status_code == 404
    assert "Mascot" not in alice.get("/applications").text
