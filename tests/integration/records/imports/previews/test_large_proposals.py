"""[W1] What a proposal has beyond the room of its page is counted or named, and taken as proposed: nothing is lost.

Seen failing with what is clear shown before what has to be decided, and without a bound for duplicates.
"""

import re

from tests.support.factories import table
from tests.support.workbooks import workbook
from tmr.domain.importing.reading import choices
from tmr.records.imports.proposal import page_room
from tmr.records.imports.proposal import view as proposal

HEADER = ["Company", "Role", "Status"]


def asked(page: str) -> list[str]:
    return re.findall(r'name="((?:\d+\.)?status\.[^"]+)"', page)


def test_w1_words_beyond_the_room_are_asked_about_once_others_are_answered(alice, monkeypatch) -> None:
    monkeypatch.setattr(proposal, "WORDS", 1_500)
    content = workbook(
        Jobs=[HEADER, ["Globex", "Cook", "Frobnicated"], ["Initech", "Cook", "Rejected"], ["Hooli", "Cook", "Zapped"]],
        More=[HEADER, ["Umbra", "Cook", "Fizzed"]],
    )
    place = alice.upload(content, "jobs.xlsx").headers["Location"]

    page = alice.get(place).text
    assert " ".join(page.split()).count("1 more word will be asked about") == 2
    assert "1 more word whose stage is clear." in page
    said: list[str] = []
    for _ in range(4):
        said += [name for name in asked(page) if name not in said]
        page = alice.post(place, only="preview", **dict.fromkeys(asked(page), "offer")).text
        if "Choose a stage" not in page:
            break

    assert {"status.Frobnicated", "status.Zapped", "1.status.Fizzed"} <= set(said)
    alice.post(place)
    assert alice.csv().count(",offer,") == 3
    assert alice.csv().count(",rejected,") == 1


def test_w1_columns_beyond_the_room_are_named_and_imported_as_proposed(alice, monkeypatch) -> None:
    monkeypatch.setattr(proposal, "COLUMNS", page_room.LESS_FOR_A_TABLE + 5_000)
    place = alice.upload(table({"company": "Globex", "title": "Cook", "location": "Oslo"})).headers["Location"]

    page = alice.get(place).text

    assert 'name="column.0"' in page
    assert 'name="column.2"' not in page
    assert "<li>location: Location</li>" in page
    alice.post(place, **{"column.0": "company"})
    assert "Oslo" in alice.csv()


def test_w1_a_column_whose_dates_have_to_be_decided_has_room_before_others(alice, monkeypatch) -> None:
    monkeypatch.setattr(proposal, "COLUMNS", page_room.LESS_FOR_A_TABLE + 5_000)
    content = table(*({"company": f"C{day}", "title": "T", "applied_on": f"0{day}/04/2026"} for day in (3, 5)))

    page = alice.get(alice.upload(content).headers["Location"]).text

    assert 'name="dates.2"' in page
    assert "<li>company: Company</li>" in page


def test_a_very_long_status_is_named_by_its_beginning(alice) -> None:
    words = ["Applied", "Rejected", "Applied", "Offer", "Frobnicated " * 20]
    rows = ({"company": f"C{number}", "title": "T", "status": word} for number, word in enumerate(words))
    place = alice.upload(table(*rows)).headers["Location"]
    [name] = [name for name in asked(alice.get(place).text) if "Frob" in name]
    assert len(name) < 210

    alice.post(place, **{name: "accepted"})
    assert alice.csv().count(",accepted,") == 1


def test_w1_duplicates_that_are_added_one_by_one_have_a_bound(alice, monkeypatch) -> None:
    monkeypatch.setattr(choices, "MOST_ADDED", 2)
    alice.bring(table({"company": "Globex", "title": "Cook"}))
    place = alice.upload(table(*[{"company": "Globex", "title": "Cook"}] * 4)).headers["Location"]

    page = alice.post(place, only="preview", **{f"add.{row}": "1" for row in range(2, 6)}).text

    assert page.count("is added anyway") == 2
    assert page.count("you already have it") == 2
