"""Files that hold more than one table: workbooks, LinkedIn's and Huntr's ZIP, our own export."""

import datetime as dt
import io
import re
import zipfile

import openpyxl
import pytest

from tests.support.factories import table
from tests.support.kinds import Keeper
from tests.support.paths import SAMPLES

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
        ["Hour", "Analyst", dt.date(2026, 3, 4), "Offer", 37.125, None],  # a number is no text with thousands
    ]

    counts = keeper.alice.bring(workbook(Jobs=rows), "jobs.xlsx")
    text = keeper.csv("applications")

    assert counts["added"] == 3
    assert "37125" not in text
    assert "37.12" in text
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
    own = {"settings.json", "account.json", "access-log.csv", "manifest.json"}  # each account's own
    assert {name for name in one if one[name] != other[name]} <= own
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


def sheet(rows: str, strings: str = "") -> bytes:
    """A workbook whose sheet holds this XML."""
    content = workbook(Jobs=[["Company", "Title"], ["A", "B"]])
    names = {one: content_of(content, one) for one in zipfile.ZipFile(io.BytesIO(content)).namelist()}
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    names["xl/worksheets/sheet1.xml"] = f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'.encode()
    if strings:
        names["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{strings}</sst>'.encode()
    return zipped(**names)


def content_of(archive: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return opened.read(name)


def far(row: int, column: str) -> str:
    return f'<row r="{row}"><c r="{column}{row}"><v>1</v></c></row>'


LONG = "<si><t>" + "x" * 50_000 + "</t></si>"
MANY = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 3_000))
HOSTILE = {
    "cells as far apart as can be": lambda: sheet(far(1, "A") + far(1_048_576, "XFD")),
    "one text that many cells show": lambda: sheet(MANY, LONG),
    "many tables": lambda: zipped(**{f"{n}.csv": b"company,title\n" + b"a,b\n" * 1_000_000 for n in range(20)}),
    "many entries": lambda: zipped(**{f"{n}.txt": b"" for n in range(12_000)}),
    "entities": lambda: sheet('<row r="1"><c r="A1" t="inlineStr"><is><t>&lol;</t></is></c></row>'),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_f2_a_small_file_that_would_take_much_memory_is_refused(keeper, what: str) -> None:
    import tracemalloc

    content = HOSTILE[what]()
    assert len(content) < 2_000_000

    tracemalloc.start()
    answer = keeper.alice.upload(content, "x.xlsx")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert answer.status_code == 422
    assert peak < 320 * 1024 * 1024


def own_export(keeper: Keeper, **changed: bytes) -> bytes:
    """An export of hers with some entries replaced, its manifest in order."""
    import json

    files = {**contents(keeper.alice.post("/settings/privacy/export").data), **changed}
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: {"sha256": sha(content).decode(), "bytes": len(content)}
        for name, content in files.items()
        if name != "manifest.json"
    }
    return zipped(**{**files, "manifest.json": json.dumps(manifest).encode()})


def test_the_same_export_again_adds_nothing_though_two_roles_are_called_the_same(keeper, clock) -> None:
    link = "https://globex.example/careers"
    for hour, (title, url) in enumerate((("Engineer", link), ("Designer", link), ("Lead", ""), ("Lead", "")), 10):
        application = keeper.alice.add(company="Globex", title=title, url=url)
        keeper.add("interviews", application_id=application, starts_at=f"2026-12-01T{hour}:00")
        keeper.add("tasks", title=f"Prepare {hour}", application_id=application)
        clock.turn(seconds=1)
    keeper.alice.change(application, notes="Changed last")  # so that the order of change is not that of creation
    before = {kind: keeper.csv(kind) for kind in ("applications", "interviews", "tasks")}

    counts = keeper.alice.bring(keeper.alice.post("/settings/privacy/export").data, "x.zip")

    assert counts["added"] == 0
    assert {kind: keeper.csv(kind) for kind in before} == before


@pytest.mark.parametrize("gone", ["First", "Second"])
def test_one_of_two_notes_of_one_minute_that_was_deleted_comes_back(keeper, clock, gone: str) -> None:
    application = keeper.alice.add()
    for text in ("First", "Second"):
        keeper.add("events", application_id=application, type="note", happened_at="2026-01-01T10:00", text=text)
        clock.turn(seconds=1)
    export = keeper.alice.post("/settings/privacy/export").data
    [deleted] = [one for one in keeper.ids("events") if gone in keeper.page("events", one)]
    keeper.alice.post(f"/events/{deleted}/delete")

    counts = keeper.alice.bring(export, "x.zip")

    assert counts["added"] == 1
    assert keeper.csv("events").count("First") == keeper.csv("events").count("Second") == 1


def test_a_document_of_one_word_many_times_comes_back(keeper, bob) -> None:
    keeper.add("documents", name="CV", file=(io.BytesIO(b"x" * 9_500_000), "cv.txt"))

    counts = bob.bring(keeper.alice.post("/settings/privacy/export").data, "x.zip")

    assert (counts["added"], counts["rejected"]) == (1, 0)


def test_a_document_that_was_changed_is_refused_and_nothing_is_kept(keeper, bob) -> None:
    keeper.add("documents", name="CV", file=(io.BytesIO(b"My life"), "cv.txt"))
    files = contents(keeper.alice.post("/settings/privacy/export").data)
    place = bob.upload(zipped(**{**files, "documents/cv.txt": b"Another"}), "x.zip").headers["Location"]

    answer = bob.post(place)

    assert answer.status_code == 422
    assert "its checksum is another one" in answer.text
    assert keeper.of(bob).ids("documents") == set()


def test_nothing_of_an_own_export_is_left_out_in_silence(keeper, bob) -> None:
    keeper.alice.add()
    broken = table({"company": "A", "title": "x" * 60_001})

    answer = bob.upload(own_export(keeper, **{"contacts.csv": broken}), "x.zip")

    assert answer.status_code == 422
    assert "60,000 characters" in answer.text


@pytest.mark.parametrize("content", [b"\0\1", b"MZ\x90\0"])
def test_a_document_that_no_upload_would_take_is_a_rejected_row(keeper, bob, content: bytes) -> None:
    keeper.add("documents", name="CV", file=(io.BytesIO(b"My life"), "cv.txt"))

    counts = bob.bring(own_export(keeper, **{"documents/cv.txt": content}), "x.zip")

    assert (counts["added"], counts["rejected"]) == (0, 1)


@pytest.mark.parametrize(
    "stages",
    [
        '[{"key": "x", "label": "", "category": "saved"}]',
        '[{"key": "a/b", "label": "Own", "category": "saved"}]',
        '[{"key": "open", "label": "Own", "category": "saved"}]',
        '[{"key": "x", "label": "Own", "category": "saved", "wait_days": -5}]',
        '[{"key": "x", "label": "Own", "category": "nonsense"}]',
        '[{"key": "x", "label": "Own", "category": "saved"}, {"key": "x", "label": "Other", "category": "saved"}]',
        '"x"',
        "[" + ",".join(f'{{"key": "k{n}", "label": "L{n}", "category": "saved"}}' for n in range(9_000)) + "]",
    ],
)
def test_stages_that_cannot_be_are_passed_over(keeper, bob, stages: str) -> None:
    keeper.alice.add()
    settings = f'{{"stages": {stages}}}'.encode()

    counts = bob.bring(own_export(keeper, **{"settings.json": settings}), "x.zip")

    assert counts["added"] == 1
    assert bob.post("/settings/pipeline", **{"label.saved": "Kept"}).status_code == 303


def test_stages_come_along_as_they_were_set(keeper, bob) -> None:
    keeper.alice.post("/settings/pipeline", **{"label.applied": "Sent", "wait.applied": "30"})
    keeper.alice.post("/settings/pipeline/stages", label="Coffee chat", category="screening")
    application = keeper.alice.add(status="coffee chat")
    keeper.alice.post("/settings/pipeline/coffeechat/retire")
    assert application

    counts = bob.bring(keeper.alice.post("/settings/privacy/export").data, "x.zip")
    page = bob.get("/settings/pipeline").text

    assert counts["rejected"] == 0
    assert 'value="Sent"' in page
    assert 'value="30"' in page
    assert "Take back into use" in page
    assert keeper.of(bob).csv("applications") == keeper.csv("applications")


def test_columns_of_an_own_export_can_be_chosen_anew_and_links_stay(keeper, bob) -> None:
    application = keeper.alice.add(company="Company 2")
    keeper.alice.add(company="Other")
    keeper.add("interviews", application_id=application, kind="video", notes="x")
    place = bob.upload(keeper.alice.post("/settings/privacy/export").data, "x.zip").headers["Location"]

    bob.post(place, **{"1.column.10": ""})
    [interview] = keeper.of(bob).ids("interviews")

    assert "Company 2" in keeper.of(bob).page("interviews", interview)


def test_an_update_never_takes_a_file_away_and_its_undo_takes_all_back(keeper, clock, workshop) -> None:
    from tmr.operations.jobs.tasks import forget_what_is_due

    document = keeper.add("documents", name="CV", file=(io.BytesIO(b"My life"), "cv.txt"))
    keeper.alice.add(company="A", title="B", status="saved")
    archive = keeper.alice.post("/settings/privacy/export").data
    for one in keeper.ids("applications"):
        keeper.alice.change(one, status="applied")
    place = keeper.alice.upload(archive, "x.zip").headers["Location"]
    keeper.alice.post(place, duplicates="update", status_backwards="1")
    for _ in range(3):
        clock.turn(minutes=11)
        forget_what_is_due(workshop)
    keeper.alice.post(f"{place}/undo")

    assert keeper.alice.get(f"/documents/{document}/file").data == b"My life"
    assert keeper.csv("events").count("applied") == 1


@pytest.mark.parametrize("cell", ["1" * 20_000 + "x", "<p>" + "<a " * 16_000])
def test_f2_a_cell_that_would_take_long_is_kept_as_it_is(keeper, cell: str) -> None:
    for column in ("Salary", "Notes"):
        counts = keeper.alice.bring(table({"Company": column, "Title": "B", column: cell}))
        assert counts["added"] == 1
    assert cell[:100] in keeper.csv("applications")
