"""Files that hold more than one table: workbooks, LinkedIn's and Huntr's ZIP, our own export."""

import datetime as dt
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.factories import table
from tests.kinds import Keeper

SAMPLES = Path(__file__).parents[1] / "samples"
HUNTR = (
    "id,createdAt,title,salary,location,url,rootDomain,htmlDescription,deadline,color,lastMovedAt,boardId,boardName,listId,"
    "listName,companyId,companyName,companyDomain,creatorUserId,creatorUserFirstName,creatorUserLastName,creatorUserEmail"
)


@pytest.fixture
def keeper(alice) -> Keeper:
    return Keeper(alice)


def zipped(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def moment(*parts: int) -> dt.datetime:
    """A cell's date and time: workbooks know no zone."""
    return dt.datetime(*parts, tzinfo=dt.UTC).replace(tzinfo=None)


def workbook(**sheets: list[list[object]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def test_a_workbook_becomes_applications_with_its_dates_and_numbers(keeper) -> None:
    rows = [
        ["Company", "Title", "Date applied", "Status", "Salary", "Notes"],
        ["Ørsted", "Engineer", moment(2026, 11, 24), "Applied", 65000, "=1+1"],
        ["Globex", "Analyst", dt.date(2026, 3, 4), "Offer", 45.5, None],
    ]

    counts = keeper.alice.bring(workbook(Jobs=rows), "jobs.xlsx")
    text = keeper.csv("applications")

    assert counts["added"] == 2
    assert "2026-11-24" in text
    assert "2026-03-04" in text
    assert ",65000," in text
    assert ",45.5," in text


def test_sheets_of_several_kinds_are_linked_with_each_other(keeper) -> None:
    content = workbook(
        Interviews=[
            ["Company", "Role", "Type", "Date", "Interviewer"],
            ["Ørsted", "Engineer", "Video", moment(2026, 12, 1, 14, 30), "Ada"],
            ["Nowhere Ltd", "Engineer", "Video", moment(2026, 12, 1, 14, 30), "Ben"],
        ],
        Applications=[["Company", "Role", "Status", "Location"], ["Ørsted", "Engineer", "Interview", "Copenhagen"]],
        Contacts=[["Name", "Email", "Company"], ["Ada", "ada@orsted.example", "Ørsted"]],
        Empty=[],
    )

    counts = keeper.alice.bring(content, "search.xlsx")

    assert (counts["added"], counts["rejected"]) == (3, 1)
    assert "2026-12-01T14:30" in keeper.csv("interviews")
    [interview] = keeper.ids("interviews")
    assert "Ørsted · Engineer" in keeper.page("interviews", interview)


def test_linkedins_zip_brings_applications_saved_jobs_and_people(keeper) -> None:
    content = zipped(
        **{
            "Jobs/Job Applications.csv": (SAMPLES / "linkedin-job-applications.csv").read_bytes(),
            "Jobs/Saved Jobs.csv": (SAMPLES / "linkedin-saved-jobs.csv").read_bytes(),
            "Connections.csv": (SAMPLES / "linkedin-connections.csv").read_bytes(),
            "Profile.csv": b"First Name,Last Name,Headline\nAda,Lovelace,Engineer\n",
            "Ad_Targeting.csv": b"Member Age,Buyer Groups\n25,x\n",
            "messages.csv": b"",
        }
    )

    counts = keeper.alice.bring(content, "Complete_LinkedInDataExport.zip")

    assert counts["rejected"] == 0
    assert len(keeper.ids("applications")) >= 50
    assert len(keeper.ids("contacts")) == counts["added"] - len(keeper.ids("applications"))


def test_huntrs_zip_brings_its_jobs(keeper) -> None:
    row = {**dict.fromkeys(HUNTR.split(","), "-"), "title": "Engineer", "companyName": "Ørsted", "listName": "Wishlist"}
    row["htmlDescription"] = "<p>We <b>need</b> you</p>"

    counts = keeper.alice.bring(zipped(**{"jobs.csv": table(row)}), "huntr.zip")

    assert counts["added"] == 1
    assert "We need you" in keeper.csv("applications")


def test_an_import_of_several_kinds_is_taken_back_whole(keeper) -> None:
    content = workbook(
        Applications=[["Company", "Role"], ["Ørsted", "Engineer"]],
        Interviews=[["Company", "Role", "Type", "Date"], ["Ørsted", "Engineer", "Video", moment(2026, 12, 1)]],
    )
    place = keeper.alice.upload(content, "x.xlsx").headers["Location"]
    keeper.alice.post(place)

    keeper.alice.post(f"{place}/undo")

    assert keeper.ids("applications") == keeper.ids("interviews") == set()
    assert "Taken back: 2 records are as they were" in keeper.alice.get(place).text


def test_the_kind_of_a_table_can_be_chosen(keeper) -> None:
    place = keeper.alice.upload(table({"Name": "Call Ada", "Company": "x", "Notes": "y"})).headers["Location"]

    asked = keeper.alice.post(place, kind="tasks", **{"column.0": "title"})
    done = keeper.alice.post(place, kind="tasks", **{"column.0": "title", "column.1": ""})

    assert asked.status_code == 422  # a task needs its title, and none of these columns is called so
    assert 'value="tasks" selected' in asked.text
    assert done.status_code == 303
    assert "Call Ada" in keeper.csv("tasks")


def test_the_whole_export_comes_into_another_account_unchanged(keeper, bob) -> None:
    keeper.alice.post("/today/samples")
    keeper.add("documents", name="Photo", file=(io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(300_000)), "me.png"))
    first = keeper.alice.post("/settings/privacy/export").data

    counts = bob.bring(first, "export.zip")
    second = bob.post("/settings/privacy/export").data

    one, other = contents(first), contents(second)
    assert counts["rejected"] == counts["skipped"] == 0
    assert counts["added"] > 250
    assert set(one) == set(other)
    assert [name for name in one if one[name] != other[name] and name not in ("settings.json", "manifest.json")] == []
    assert sum(name.startswith("documents/") for name in one) == 4


def contents(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_the_same_export_again_adds_nothing(keeper) -> None:
    keeper.alice.post("/today/samples")
    archive = keeper.alice.post("/settings/privacy/export").data

    counts = keeper.alice.bring(archive, "export.zip")

    assert (counts["added"], counts["rejected"]) == (0, 0)


def test_f3_a_path_of_an_export_touches_nothing_but_its_documents(keeper, bob) -> None:
    keeper.add("documents", name="CV", file=(io.BytesIO(b"My life"), "cv.txt"))
    files = contents(keeper.alice.post("/settings/privacy/export").data)
    for path in ("documents/../settings.json", "/etc/passwd", "documents/missing.txt", "settings.json"):
        changed = files["documents.csv"].replace(b"documents/cv.txt", path.encode())
        manifest = re.sub(
            rb'("documents.csv": \{\s*"sha256": ")[0-9a-f]+', b"\\g<1>" + sha(changed), files["manifest.json"]
        )
        counts = bob.bring(zipped(**{**files, "documents.csv": changed, "manifest.json": manifest}), "x.zip")
        assert (counts["added"], counts["rejected"]) == (0, 1), path


def sha(content: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(content).hexdigest().encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (zipped(**{"word/document.xml": b"<x/>", "[Content_Types].xml": b"<x/>"}), "not a table"),
        (zipped(**{"a.txt": b"x"}), "no table that is known"),
        (zipped(**{"xl/workbook.xml": b"<x/>", "[Content_Types].xml": b"<x/>"}), "damaged"),
        (workbook(Empty=[]), "No sheet of this workbook"),
        (zipped(**{"a.csv": b"x" * 70_000_000}), "far more"),
        (workbook(Wide=[["Company", "Title", *range(300)], ["A", "B"]]), "columns"),
    ],
)
def test_f2_a_hostile_archive_gets_a_clear_refusal(keeper, content: bytes, words: str) -> None:
    answer = keeper.alice.upload(content, "x.zip")

    assert answer.status_code == 422
    assert words in answer.text
