"""Files that hold more than one table: workbooks, LinkedIn's and Huntr's ZIP, our own export."""

import datetime as dt
import hashlib
import io
import json
import re
import tracemalloc
import zipfile

import openpyxl
import pytest

from tests.support.factories import table
from tests.support.kinds import RecordForms
from tests.support.paths import SAMPLES
from tmr.domain.importing.reading.file import MOST_TABLES
from tmr.operations.jobs.housekeeping import forget_what_is_due

HUNTR = (
    "id,createdAt,title,salary,location,url,rootDomain,htmlDescription,deadline,color,lastMovedAt,boardId,boardName,"
    "listId,listName,companyId,companyName,companyDomain,creatorUserId,creatorUserFirstName,creatorUserLastName,"
    "creatorUserEmail"
)


@pytest.fixture
def record_forms(alice) -> RecordForms:
    return RecordForms(alice)


def zipped(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def moment(*services: int) -> dt.datetime:
    """A cell's date and time: workbooks know no zone."""
    return dt.datetime(*services, tzinfo=dt.UTC).replace(tzinfo=None)


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


def test_a_workbook_becomes_applications_with_its_dates_and_numbers(record_forms) -> None:
    rows = [
        ["Company", "Title", "Date applied", "Status", "Salary", "Notes"],
        ["Ørsted", "Engineer", moment(2026, 11, 24), "Applied", 65000, "=1+1"],
        ["Globex", "Analyst", dt.date(2026, 3, 4), "Offer", 45.5, None],
        ["Hour", "Analyst", dt.date(2026, 3, 4), "Offer", 37.125, None],  # a number is no text with thousands
    ]

    counts = record_forms.alice.bring(workbook(Jobs=rows), "jobs.xlsx")
    text = record_forms.csv("applications")

    assert counts["added"] == 3
    assert "37125" not in text
    assert "37.12" in text
    assert "2026-11-24" in text
    assert "2026-03-04" in text
    assert ",65000," in text
    assert ",45.5," in text


@pytest.mark.parametrize(("style", "currency"), [('"$"#,##0', "USD"), ("[$€-407]\\ #,##0.00", "EUR"), ("#,##0", "")])
def test_the_currency_that_a_workbook_shows_is_kept(record_forms, style: str, currency: str) -> None:
    made = openpyxl.Workbook()
    made.active.append(["Company", "Role", "Salary", "Status"])
    made.active.append(["Globex", "Engineer", 65000, "Applied"])
    made.active.append(["Initech", "Analyst", 70000, "Applied"])
    made.active["C2"].number_format = style
    content = io.BytesIO()
    made.save(content)

    record_forms.alice.bring(content.getvalue(), "jobs.xlsx")

    assert f",65000,,{currency}," in record_forms.csv("applications")


def test_sheets_of_several_kinds_are_linked_with_each_other(record_forms) -> None:
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

    counts = record_forms.alice.bring(content, "search.xlsx")

    assert (counts["added"], counts["rejected"]) == (3, 1)
    assert "2026-12-01T14:30" in record_forms.csv("interviews")
    [interview] = record_forms.ids("interviews")
    assert "Ørsted · Engineer" in record_forms.page("interviews", interview)


def test_linkedins_zip_brings_applications_saved_jobs_and_people(record_forms) -> None:
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

    counts = record_forms.alice.bring(content, "Complete_LinkedInDataExport.zip")

    assert counts["rejected"] == 0
    assert len(record_forms.ids("applications")) >= 50
    assert len(record_forms.ids("contacts")) == counts["added"] - len(record_forms.ids("applications"))


def test_huntrs_zip_brings_its_jobs(record_forms) -> None:
    known = {"title": "Engineer", "companyName": "Ørsted", "listName": "Wishlist"}
    row = {**dict.fromkeys(HUNTR.split(","), "-"), **known}
    row["htmlDescription"] = "<p>We <b>need</b> you</p>"

    counts = record_forms.alice.bring(zipped(**{"jobs.csv": table(row)}), "huntr.zip")

    assert counts["added"] == 1
    assert "We need you" in record_forms.csv("applications")


def test_an_import_of_several_kinds_is_undone_whole(record_forms) -> None:
    content = workbook(
        Applications=[["Company", "Role"], ["Ørsted", "Engineer"]],
        Interviews=[["Company", "Role", "Type", "Date"], ["Ørsted", "Engineer", "Video", moment(2026, 12, 1)]],
    )
    place = record_forms.alice.upload(content, "x.xlsx").headers["Location"]
    record_forms.alice.post(place)

    record_forms.alice.post(f"{place}/undo")

    assert record_forms.ids("applications") == record_forms.ids("interviews") == set()
    assert "Import undone: 2 records are back as they were" in record_forms.alice.get(place).text


def test_the_kind_of_a_table_can_be_chosen(record_forms) -> None:
    place = record_forms.alice.upload(table({"Name": "Call Ada", "Company": "x", "Notes": "y"})).headers["Location"]

    asked = record_forms.alice.post(place, kind="tasks", **{"column.0": "title"})
    done = record_forms.alice.post(place, kind="tasks", **{"column.0": "title", "column.1": ""})

    assert asked.status_code == 422  # a task needs its title, and none of these columns is called so
    assert 'value="tasks" selected' in asked.text
    assert done.status_code == 303
    assert "Call Ada" in record_forms.csv("tasks")


def test_the_whole_export_comes_into_another_account_unchanged(record_forms, bob) -> None:
    record_forms.alice.post("/today/samples")
    record_forms.add("documents", name="Photo", file=(io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(300_000)), "me.png"))
    first = record_forms.alice.post("/settings/privacy/export").data

    counts = bob.bring(first, "export.zip")
    second = bob.post("/settings/privacy/export").data

    original, copy = contents(first), contents(second)
    assert counts["rejected"] == counts["skipped"] == 0
    assert counts["added"] > 250
    assert set(original) == set(copy)
    differing = {"settings.json", "account.json", "access-log.csv", "manifest.json"}  # each account's own
    assert {name for name in original if original[name] != copy[name]} <= differing
    assert sum(name.startswith("documents/") for name in original) == 4


def contents(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_the_same_export_again_adds_nothing(record_forms) -> None:
    record_forms.alice.post("/today/samples")
    archive = record_forms.alice.post("/settings/privacy/export").data

    counts = record_forms.alice.bring(archive, "export.zip")

    assert (counts["added"], counts["rejected"]) == (0, 0)


def test_f3_a_path_of_an_export_touches_nothing_but_its_documents(record_forms, bob) -> None:
    record_forms.add("documents", name="CV", file=(io.BytesIO(b"My life"), "cv.txt"))
    files = contents(record_forms.alice.post("/settings/privacy/export").data)
    for path in ("documents/../settings.json", "/etc/passwd", "documents/missing.txt", "settings.json"):
        changed = files["documents.csv"].replace(b"documents/cv.txt", path.encode())
        manifest = re.sub(
            rb'("documents.csv": \{\s*"sha256": ")[0-9a-f]+', b"\\g<1>" + sha(changed), files["manifest.json"]
        )
        counts = bob.bring(zipped(**{**files, "documents.csv": changed, "manifest.json": manifest}), "x.zip")
        assert (counts["added"], counts["rejected"]) == (0, 1), path


def sha(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (zipped(**{"word/document.xml": b"<x/>", "[Content_Types].xml": b"<x/>"}), "not a table"),
        (zipped(**{"a.txt": b"x"}), "no table that can be imported"),
        (zipped(**{"xl/workbook.xml": b"<x/>", "[Content_Types].xml": b"<x/>"}), "damaged"),
        (workbook(Empty=[]), "No sheet in this workbook"),
        (zipped(**{"a.csv": b"x" * 70_000_000}), "far more"),
        (workbook(Wide=[["Company", "Title", *range(300)], ["A", "B"]]), "columns"),
    ],
)
def test_f2_a_hostile_archive_gets_a_clear_refusal(record_forms, content: bytes, words: str) -> None:
    answer = record_forms.alice.upload(content, "x.zip")

    assert answer.status_code == 422
    assert words in answer.text


def sheet(rows: str, strings: str = "") -> bytes:
    """A workbook whose sheet holds this XML."""
    content = workbook(Jobs=[["Company", "Title"], ["A", "B"]])
    names = {name: content_of(content, name) for name in zipfile.ZipFile(io.BytesIO(content)).namelist()}
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
def test_f2_a_small_file_that_would_take_much_memory_is_refused(record_forms, what: str) -> None:
    content = HOSTILE[what]()
    assert len(content) < 2_000_000

    tracemalloc.start()
    answer = record_forms.alice.upload(content, "x.xlsx")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert answer.status_code == 422
    assert peak < 320 * 1024 * 1024


def own_export(record_forms: RecordForms, **changed: bytes) -> bytes:
    """Her export with some entries replaced and a manifest that fits them."""
    files = {**contents(record_forms.alice.post("/settings/privacy/export").data), **changed}
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: {"sha256": sha(content).decode(), "bytes": len(content)}
        for name, content in files.items()
        if name != "manifest.json"
    }
    return zipped(**{**files, "manifest.json": json.dumps(manifest).encode()})


def test_the_same_export_again_adds_nothing_though_two_roles_are_called_the_same(record_forms, clock) -> None:
    link = "https://globex.example/careers"
    for hour, (title, url) in enumerate((("Engineer", link), ("Designer", link), ("Lead", ""), ("Lead", "")), 10):
        application = record_forms.alice.add(company="Globex", title=title, url=url)
        record_forms.add("interviews", application_id=application, starts_at=f"2026-12-01T{hour}:00")
        record_forms.add("tasks", title=f"Prepare {hour}", application_id=application)
        clock.turn(seconds=1)
    record_forms.alice.change(application, notes="Changed last")  # so that the order of change is not that of creation
    before = {kind: record_forms.csv(kind) for kind in ("applications", "interviews", "tasks")}

    counts = record_forms.alice.bring(record_forms.alice.post("/settings/privacy/export").data, "x.zip")

    assert counts["added"] == 0
    assert {kind: record_forms.csv(kind) for kind in before} == before


@pytest.mark.parametrize("gone", ["First", "Second"])
def test_one_of_two_notes_of_one_minute_that_was_deleted_comes_back(record_forms, clock, gone: str) -> None:
    application = record_forms.alice.add()
    for text in ("First", "Second"):
        record_forms.add("events", application_id=application, type="note", happened_at="2026-01-01T10:00", text=text)
        clock.turn(seconds=1)
    export = record_forms.alice.post("/settings/privacy/export").data
    [deleted] = [event_id for event_id in record_forms.ids("events") if gone in record_forms.page("events", event_id)]
    record_forms.alice.post(f"/events/{deleted}/delete")

    counts = record_forms.alice.bring(export, "x.zip")

    assert counts["added"] == 1
    assert record_forms.csv("events").count("First") == record_forms.csv("events").count("Second") == 1


def test_a_document_of_one_word_many_times_comes_back(record_forms, bob) -> None:
    record_forms.add("documents", name="CV", file=(io.BytesIO(b"x" * 9_500_000), "cv.txt"))

    counts = bob.bring(record_forms.alice.post("/settings/privacy/export").data, "x.zip")

    assert (counts["added"], counts["rejected"]) == (1, 0)


def test_a_document_that_was_changed_is_refused_and_nothing_is_kept(record_forms, bob) -> None:
    record_forms.add("documents", name="CV", file=(io.BytesIO(b"My life"), "cv.txt"))
    files = contents(record_forms.alice.post("/settings/privacy/export").data)
    place = bob.upload(zipped(**{**files, "documents/cv.txt": b"Another"}), "x.zip").headers["Location"]

    answer = bob.post(place)

    assert answer.status_code == 422
    assert "is not what was exported" in answer.text
    assert record_forms.of(bob).ids("documents") == set()


def test_nothing_of_our_own_export_is_left_out_silently(record_forms, bob) -> None:
    record_forms.alice.add()
    broken = table({"company": "A", "title": "x" * 60_001})

    answer = bob.upload(own_export(record_forms, **{"contacts.csv": broken}), "x.zip")

    assert answer.status_code == 422
    assert "60,000 characters" in answer.text


@pytest.mark.parametrize("content", [b"\0\1", b"MZ\x90\0"])
def test_a_document_that_no_upload_would_take_is_a_rejected_row(record_forms, bob, content: bytes) -> None:
    record_forms.add("documents", name="CV", file=(io.BytesIO(b"My life"), "cv.txt"))

    counts = bob.bring(own_export(record_forms, **{"documents/cv.txt": content}), "x.zip")

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
def test_stages_that_cannot_be_are_passed_over(record_forms, bob, stages: str) -> None:
    record_forms.alice.add()
    settings = f'{{"stages": {stages}}}'.encode()

    counts = bob.bring(own_export(record_forms, **{"settings.json": settings}), "x.zip")

    assert counts["added"] == 1
    assert bob.post("/settings/pipeline", **{"label.saved": "Kept"}).status_code == 303


def test_stages_come_along_as_they_were_set(record_forms, bob) -> None:
    record_forms.alice.post("/settings/pipeline", **{"label.applied": "Sent", "wait.applied": "30"})
    record_forms.alice.post("/settings/pipeline/stages", label="Coffee chat", category="screening")
    application = record_forms.alice.add(status="coffee chat")
    record_forms.alice.post("/settings/pipeline/coffeechat/retire")
    assert application

    counts = bob.bring(record_forms.alice.post("/settings/privacy/export").data, "x.zip")
    page = bob.get("/settings/pipeline").text

    assert counts["rejected"] == 0
    assert 'value="Sent"' in page
    assert 'value="30"' in page
    assert ">Restore<" in page
    assert record_forms.of(bob).csv("applications") == record_forms.csv("applications")


def test_columns_of_our_own_export_can_be_chosen_again_and_links_stay(record_forms, bob) -> None:
    application = record_forms.alice.add(company="Company 2")
    record_forms.alice.add(company="Other")
    record_forms.add("interviews", application_id=application, kind="video", notes="x")
    place = bob.upload(record_forms.alice.post("/settings/privacy/export").data, "x.zip").headers["Location"]

    bob.post(place, **{"1.column.10": ""})
    [interview] = record_forms.of(bob).ids("interviews")

    assert "Company 2" in record_forms.of(bob).page("interviews", interview)


def test_an_update_never_removes_a_file_and_its_undo_undoes_all(record_forms, clock, job_context) -> None:
    document = record_forms.add("documents", name="CV", file=(io.BytesIO(b"My life"), "cv.txt"))
    record_forms.alice.add(company="A", title="B", status="saved")
    archive = record_forms.alice.post("/settings/privacy/export").data
    for record_id in record_forms.ids("applications"):
        record_forms.alice.change(record_id, status="applied")
    place = record_forms.alice.upload(archive, "x.zip").headers["Location"]
    record_forms.alice.post(place, duplicates="update", status_backwards="1")
    for _ in range(3):
        clock.turn(minutes=11)
        forget_what_is_due(job_context)
    record_forms.alice.post(f"{place}/undo")

    assert record_forms.alice.get(f"/documents/{document}/file").data == b"My life"
    assert record_forms.csv("events").count("applied") == 1


@pytest.mark.parametrize("cell", ["1" * 20_000 + "x", "<p>" + "<a " * 16_000])
def test_f2_a_cell_that_would_take_long_is_kept_as_it_is(record_forms, cell: str) -> None:
    for column in ("Salary", "Notes"):
        counts = record_forms.alice.bring(table({"Company": column, "Title": "B", column: cell}))
        assert counts["added"] == 1
    assert cell[:100] in record_forms.csv("applications")


def test_f2_of_many_tables_in_a_zip_a_proposal_shows_some_and_names_the_rest(alice) -> None:
    """Seen failing: 2,000 tables made a page of 11 MB."""
    tables = {f"list {at}.csv": table({"company": f"Company {at}", "title": "T"}) for at in range(MOST_TABLES + 10)}

    page = alice.get(alice.upload(zipped(**tables), "lists.zip").headers["Location"]).text

    assert page.count("Import this table") == MOST_TABLES
    assert page.count("too many tables for one import") == 10


def test_f2_the_columns_of_all_tables_in_a_proposal_have_a_bound(alice) -> None:
    wide = {"company": "C", "title": "T", **{f"x{at}": "v" for at in range(190)}}
    tables = {f"list {at}.csv": table({**wide, "company": f"C{at}"}) for at in range(8)}

    answer = alice.get(alice.upload(zipped(**tables), "lists.zip").headers["Location"])

    assert answer.text.count("Import this table") == 3
    assert len(answer.data) < 1_500_000
