"""Files on their way in, through the page."""

import io
import re
import zipfile
from functools import partial
from uuid import UUID

import pytest

from tests.support.factories import table
from tests.support.kinds import RecordForms
from tests.support.paths import SAMPLES
from tests.support.people import counts
from tmr.domain.exporting import header
from tmr.domain.kinds import KINDS
from tmr.domain.kinds.application import APPLICATION
from tmr.records.imports import run as import_run
from tmr.repository.errors import ImportStateError

APPLICATION_FILES = {
    "jobsync.csv": 30,
    "linkedin-job-applications.csv": 40,
    "linkedin-saved-jobs.csv": 15,
    "reactive-resume.csv": 20,
}


@pytest.mark.parametrize("name", APPLICATION_FILES)
def test_a_sample_is_imported_whole_once(alice, name: str) -> None:
    content = (SAMPLES / name).read_bytes()

    first, second = alice.bring(content, name), alice.bring(content, name)

    assert first == {"added": APPLICATION_FILES[name], "updated": 0, "skipped": 0, "rejected": 0}
    assert second == {"added": 0, "updated": 0, "skipped": APPLICATION_FILES[name], "rejected": 0}


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.glob("*.csv")))
@pytest.mark.parametrize("plural", KINDS)
def test_a_recognised_file_is_turned_into_any_kind_or_says_what_it_lacks(alice, name: str, plural: str) -> None:
    page = alice.upload((SAMPLES / name).read_bytes(), name).headers["Location"]

    answer = alice.post(page, page=page, kind=plural)

    assert answer.status_code in (200, 303, 422)  # 422 says which column it cannot do without
    assert alice.get(page).status_code == 200


def test_all_samples_go_out_and_into_a_new_account_with_nothing_changed(alice, bob) -> None:
    for name in APPLICATION_FILES:
        alice.bring((SAMPLES / name).read_bytes(), name)

    archive = alice.post("/settings/privacy/export").data
    bob.bring(archive, "trackmyroles.zip")

    assert bob.csv() == alice.csv()
    assert contents(bob.post("/settings/privacy/export").data) == contents(archive)


def contents(archive: bytes) -> dict[str, bytes]:
    about_the_account = {"account.json", "access-log.csv", "manifest.json"}  # each account's own
    with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist() if name not in about_the_account}


def test_the_proposal_shows_what_would_happen_and_keeps_nothing(alice) -> None:
    answer = alice.upload(table({"Company": "A", "Position": "B", "Stage": "applied", "Odd": "x"}))

    page = alice.get(answer.headers["Location"]).text

    assert counts(page, "import-counts") == {"added": 1, "updated": 0, "skipped": 0, "rejected": 0}
    assert re.search(r'name="column.1".*?<option value="title" selected', page, re.S)
    assert alice.ids() == set()


def test_an_unknown_status_word_is_asked_about(alice) -> None:
    place = alice.upload(table({"company": "A", "title": "B", "status": "zorp"})).headers["Location"]

    refused = alice.post(place)
    accepted = alice.post(place, **{"status.zorp": "screening"})

    assert refused.status_code == 422
    assert "zorp" in refused.text
    assert accepted.status_code == 303
    assert ",screening," in alice.csv()


def test_an_unknown_status_word_with_its_column_left_out_is_fine(alice) -> None:
    result = alice.bring(table({"company": "A", "title": "B", "status": "zorp"}), **{"column.2": ""})

    assert result["added"] == 1
    assert "zorp" not in alice.csv()


def test_columns_can_be_mapped_by_hand(alice) -> None:
    content = table({"x": "Globex", "y": "Engineer", "z": "remember"})
    place = alice.upload(content).headers["Location"]

    assert alice.post(place).status_code == 422
    alice.post(place, **{"column.0": "company", "column.1": "title", "column.2": "notes"})

    assert "Globex,Engineer,saved" in alice.csv()
    assert "remember" in alice.csv()


def test_f2_our_own_export_with_other_columns_chosen_is_read_without_its_bookkeeping(alice) -> None:
    alice.add(company="Globex", title="Engineer")
    place = alice.upload(alice.get("/export/applications.csv").data).headers["Location"]
    columns = {f"column.{index}": name for index, name in enumerate(header(APPLICATION)) if name != "location"}

    answer = alice.post(place, duplicates="add", **{**columns, "column.5": "source", "column.999": "company"})

    assert answer.status_code == 303
    assert alice.csv().count("Globex,Engineer,saved") == 2


def test_an_ambiguous_date_is_asked_about(alice) -> None:
    place = alice.upload(table({"company": "A", "title": "B", "applied": "03/04/2026"})).headers["Location"]

    assert alice.post(place).status_code == 422
    alice.post(place, **{"dates.2": "month-first"})

    assert "2026-03-04" in alice.csv()


def test_duplicates_are_skipped_updated_or_added(alice) -> None:
    alice.add(company="Globex", title="Engineer", status="screening", notes="mine", url="https://www.jobs.example/1/")
    again = table(
        {
            "company": "GLOBEX",
            "title": "engineer",
            "status": "applied",
            "notes": "theirs",
            "location": "Berlin",
            "url": "http://jobs.example/1?utm_source=x",
        }
    )

    assert alice.bring(again)["skipped"] == 1
    assert alice.bring(again, duplicates="update")["updated"] == 1
    assert "mine" in alice.csv()
    assert ",screening,Berlin," in alice.csv()
    assert alice.bring(again, duplicates="update", status_backwards="1")["updated"] == 1
    assert ",applied,Berlin," in alice.csv()
    assert alice.bring(again, duplicates="add")["added"] == 1


def test_rows_of_one_file_repeat_each_other_only_by_url_or_by_all_three(alice) -> None:
    rows = [
        {"company": "A", "title": "B", "applied": "2026-01-01", "url": ""},
        {"company": "A", "title": "B", "applied": "2026-01-02", "url": ""},
        {"company": "a", "title": "b", "applied": "2026-01-02", "url": ""},
        {"company": "C", "title": "D", "applied": "", "url": "https://x.example/1"},
        {"company": "E", "title": "F", "applied": "", "url": "https://x.example/1"},  # a page of careers
        {"company": "E", "title": "G", "applied": "", "url": "https://x.example/1"},
        {"company": "E Ltd", "title": "G", "applied": "", "url": "https://x.example/1"},
    ]

    assert alice.bring(table(*rows)) == {"added": 5, "updated": 0, "skipped": 2, "rejected": 0}


@pytest.fixture
def record_forms(alice) -> RecordForms:
    return RecordForms(alice)


def test_an_update_changes_what_the_file_speaks_of_and_nothing_else(record_forms) -> None:
    application = record_forms.alice.add(
        company="Globex", title="Engineer", status="offer", salary_min="80k", salary_max="90k"
    )
    when = {"starts_at": "2026-12-01T10:00", "kind": "video"}
    record_forms.add("interviews", application_id=application, outcome="passed", **when)
    record_forms.add("offers", application_id=application, base="50000", currency="EUR", decision="accepted")

    interview = {"Application": "Globex Engineer", "Kind": "Video", "Starts": "2026-12-01 10:00", "Interviewers": "Ann"}
    offer = {"Application": "Globex Engineer", "Base": "50000", "Currency": "EUR", "Bonus": "1000"}
    role = {"Company": "Globex", "Title": "Engineer", "Location": "Rome", "Pay up to": "70000"}
    for row in (interview, offer, role):
        result = record_forms.alice.bring(table(row), duplicates="update", status_backwards="1")
        assert (result["added"], result["updated"]) == (0, 1), row

    assert ",passed," in record_forms.csv("interviews")
    assert "Ann" in record_forms.csv("interviews")
    assert ",accepted," in record_forms.csv("offers")
    assert ",offer,Rome," in record_forms.alice.csv()
    assert ",80000,90000," in record_forms.alice.csv()  # less at most than at least would be no pay at all


def test_rows_with_something_that_cannot_be_read_are_named_before_anything_is_kept(alice) -> None:
    rows = [
        {"company": f"C{number}", "title": "T", "salary": "a lot" if number % 2 else "65000"} for number in range(24)
    ]

    page = alice.get(alice.upload(table(*rows)).headers["Location"]).text

    assert "In 12 rows a value does not fit" in page
    assert "rows 3, 5, 7, 9, 11, 13, 15, 17, 19, 21 and more." in " ".join(page.split())


def test_cells_beyond_the_header_are_kept(record_forms) -> None:
    record_forms.alice.bring(b"Company,Title,Notes\nA,T,I liked it, especially the team, and the pay\n")
    record_forms.alice.bring(b"Company,Title,Location\nB,T,Rome,really\n")
    record_forms.alice.post("/applications/paste", rows="R\tS\nT\tU\tsaved\tOslo")

    assert '"I liked it, especially the team, and the pay"' in record_forms.alice.csv()
    assert "After the last column: really" in record_forms.alice.csv()
    assert ",Oslo," in record_forms.alice.csv()


def test_what_was_worked_on_since_stays_when_its_import_is_undone(record_forms) -> None:
    place = record_forms.alice.upload(table(*({"company": name, "title": "T"} for name in "ABC"))).headers["Location"]
    record_forms.alice.post(place)
    page = record_forms.alice.get("/applications").text
    ids = {name: re.search(rf'/applications/([0-9a-f-]+)">{name}<', page)[1] for name in "ABC"}
    record_forms.alice.change(ids["A"], notes="Called them")
    record_forms.add("interviews", application_id=ids["B"], starts_at="2026-12-01T10:00")

    record_forms.alice.post(f"{place}/undo")

    assert record_forms.alice.ids() == {ids["A"], ids["B"]}
    assert len(record_forms.ids("interviews")) == 1
    assert "1 records are back as they were" in record_forms.alice.get(place).text
    assert "2 were changed since" in record_forms.alice.get(place).text


def test_a_row_that_cannot_be_kept_is_named(alice) -> None:
    alice.add(company="Globex", title="Engineer")
    rows = [
        {"Application": "Globex Engineer", "Base": "50000", "Currency": "EUR", "Bonus": "1000"},
        {"Application": "Initech", "Base": "60000", "Currency": "EUR", "Bonus": "1000"},
    ]
    place = alice.upload(table(*rows)).headers["Location"]

    alice.post(place)
    page = alice.get(place).text
    left = alice.get(f"{place}/left/0").data.decode("utf-8-sig")

    assert counts(page, "import-result") == {"added": 1, "updated": 0, "skipped": 0, "rejected": 1}
    assert "Row 3: Application “Initech”: nothing has that name; add or import it first." in page
    assert left.splitlines()[0] == "Application,Base,Currency,Bonus,Problem found by TrackMyRoles"
    assert left.splitlines()[1].startswith("Initech,60000,EUR,1000,Application “Initech”")
    assert len(left.splitlines()) == 2


def test_a_missing_name_gets_what_the_person_says(alice) -> None:
    rows = [{"company": "A", "title": "", "url": "https://a.example/1"}, {"company": "B", "title": "C", "url": ""}]

    result = alice.bring(table(*rows), **{"stand_in.title": "Open letter"})

    assert result["added"] == 2
    assert "A,Open letter," in alice.csv()


def test_a_whole_import_is_undone(alice) -> None:
    stays = alice.add(company="Globex", title="Engineer", location="Rome")
    content = table({"company": "Globex", "title": "Engineer", "location": "Berlin"}, {"company": "New", "title": "X"})
    place = alice.upload(content).headers["Location"]
    alice.post(place, duplicates="update")
    assert "Berlin" in alice.csv()

    alice.post(f"{place}/undo")

    assert alice.ids() == {stays}
    assert "Rome" in alice.csv()
    assert "Import undone" in alice.get(place).text
    assert alice.post(f"{place}/undo").status_code == 303


def test_undo_keeps_what_was_changed_since(alice) -> None:
    record_id = alice.add(company="Globex", title="Engineer")
    place = alice.upload(table({"company": "Globex", "title": "Engineer", "location": "Berlin"})).headers["Location"]
    alice.post(place, duplicates="update")
    alice.change(record_id, location="Paris")

    alice.post(f"{place}/undo")

    assert "Paris" in alice.csv()
    assert "1 were changed since" in alice.get(place).text


def test_an_import_is_carried_out_once(alice) -> None:
    place = alice.upload(table({"company": "A", "title": "B"})).headers["Location"]

    for _ in range(3):
        assert alice.post(place).status_code == 303

    assert len(alice.ids()) == 1


def test_f5_a_large_import_that_two_workers_carry_out_is_kept_once(alice, services, clock) -> None:
    place = alice.upload(table(*({"company": f"C{n}", "title": "T"} for n in range(1_200)))).headers["Location"]
    alice.post(place)
    owner, import_id = alice.owner, UUID(place.rpartition("/")[2])

    with services.repository.for_owner(owner) as slow:
        stored, others = slow.imports.get(import_id), iter([1])

        def overtake(_count: int) -> None:
            for _ in others:
                import_run.run(partial(services.repository.for_owner, owner), import_id, clock())

        with pytest.raises(ImportStateError):
            import_run.carry_out(slow, stored, clock(), overtake)

    with services.repository.for_owner(owner) as uow:
        assert uow.records.counts.of(APPLICATION) == 1_200


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Company,Title\nA\0,B\n",
        b'Company,Title\n"A,' + b"B" * 70_000 + b"\n",
        b",".join(b"c%d" % i for i in range(5_000)) + b"\n1\n",
        b"\x89PNG\r\n\x1a\n" + bytes(500),
        b"PK\x03\x04" + bytes(500),
    ],
)
def test_f2_a_hostile_file_gets_a_clear_refusal_and_changes_nothing(alice, admin, content: bytes) -> None:
    answer = alice.upload(content)

    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text
    assert admin.execute("SELECT (SELECT count(*) FROM imports) + (SELECT count(*) FROM records)").fetchone() == (0,)


def test_f2_a_file_beyond_the_limit_is_refused(alice) -> None:
    assert alice.upload(b"x" * (33 * 1024 * 1024)).status_code == 413


def test_p06_a_staged_file_is_sealed(alice, admin) -> None:
    alice.upload(table({"company": "Canary GmbH", "title": "B", "notes": "tweet " * 100}), "canary.csv")

    columns = admin.execute(
        "SELECT plan_sealed FROM imports UNION ALL SELECT chunk_sealed FROM import_chunks"
    ).fetchall()

    assert len(columns) == 2
    assert all(b"Canary" not in column and b"tweet" not in column for (column,) in columns)


def test_a_staged_file_is_forgotten_once_it_is_imported(alice, admin) -> None:
    alice.bring(table({"company": "A", "title": "B"}))

    assert admin.execute("SELECT count(*) FROM import_chunks").fetchone() == (0,)


def test_strangers_imports_are_not_found(alice, bob) -> None:
    place = alice.upload(table({"company": "A", "title": "B"})).headers["Location"]

    assert bob.get(place).status_code == 404
    assert bob.post(place).status_code == 404
    assert bob.post(f"{place}/undo").status_code == 404


def test_a_large_import_waits_for_the_queue(alice, admin) -> None:
    place = alice.upload(table(*({"company": f"C{n}", "title": "T"} for n in range(501)))).headers["Location"]

    assert alice.post(place).status_code == 303

    assert "<progress" in alice.get(place).text
    task, arguments = admin.execute("SELECT task_name, args FROM procrastinate_jobs").fetchone()
    assert task == "import"
    assert set(arguments) == {"owner", "import_id"}
