"""Export and erasure through the page."""

import codecs
import csv
import hashlib
import io
import json
import zipfile

import pandas
import pytest

from tests.support.devices.passkey import add_passkey
from tests.support.factories import table
from tests.support.people import PASSWORD
from tmr.domain.kinds.application import APPLICATION


def unpacked(answer) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(answer.data)) as zipped:
        assert zipped.testzip() is None
        return {name: zipped.read(name) for name in zipped.namelist()}


def test_p21_the_export_holds_every_field_of_every_record(alice) -> None:
    values = {field.name: {"salary_min": "1", "salary_max": "2"}.get(field.name, "") for field in APPLICATION.fields}
    values |= {
        "company": "Ørsted",
        "title": "=cmd()",
        "status": "offer",
        "tags": "a; b",
        "notes": "x\ny",
        "excitement": "0",
    }
    alice.add(**values)

    files = unpacked(alice.post("/settings/privacy/export"))
    [row] = csv.DictReader(io.StringIO(files["applications.csv"].decode(), newline=""))
    [twin] = json.loads(files["applications.json"])

    assert list(row)[: len(APPLICATION.fields)] == [field.name for field in APPLICATION.fields]
    assert (row["company"], row["title"], row["status"], row["notes"]) == ("Ørsted", "'=cmd()", "offer", "x\ny")
    assert (twin["title"], twin["tags"], twin["excitement"], twin["salary_min"]) == ("=cmd()", ["a", "b"], 0, "1")


def test_the_manifest_holds_the_checksum_of_each_file(alice) -> None:
    alice.add()

    files = unpacked(alice.post("/settings/privacy/export"))
    manifest = json.loads(files.pop("manifest.json"))

    assert manifest["format"] == "tmr-export/2"
    assert set(manifest["files"]) == set(files)
    for name, entry in manifest["files"].items():
        assert entry["sha256"] == hashlib.sha256(files[name]).hexdigest()
        assert entry["bytes"] == len(files[name])


def test_p22_other_tools_read_the_csv(alice) -> None:
    alice.add(company='a "b", c', notes="line\nbreak", tags="x; y")

    frame = pandas.read_csv(io.StringIO(alice.csv()), keep_default_na=False)

    assert frame.loc[0, "company"] == 'a "b", c'
    assert frame.loc[0, "notes"] == "line\nbreak"
    assert alice.csv().endswith("\r\n")
    assert not alice.csv().startswith("\ufeff")


def test_p22_excel_reads_the_letters_of_one_kind_right(alice) -> None:
    """The byte order mark is for a person who opens the file; what is in the ZIP is for programs, and has none."""
    alice.add(company="Ørsted 日本", title="Größe")

    content = alice.get("/export/applications.csv").data
    files = unpacked(alice.post("/settings/privacy/export"))
    frame = pandas.read_csv(io.BytesIO(content), keep_default_na=False)

    assert content == codecs.BOM_UTF8 + files["applications.csv"]
    assert content.count(codecs.BOM_UTF8) == 1
    assert not any(file.startswith(codecs.BOM_UTF8) for file in files.values())
    assert next(iter(frame.columns)) == "company"
    assert frame.loc[0, "company"] == "Ørsted 日本"
    assert alice.client.head("/export/applications.csv").data == b""


def test_f1_one_kind_with_its_mark_is_our_own_export_and_comes_back_byte_for_byte(alice, bob) -> None:
    alice.add(company="Ørsted", title="=cmd()", notes="x\ny", status="offer", tags="a; b")
    content = alice.get("/export/applications.csv").data

    place = bob.upload(content).headers["Location"]
    proposal = bob.get(place).text
    bob.post(place)
    again = bob.get("/export/applications.csv").data

    assert "Columns left out" not in proposal
    assert 'name="column.' not in proposal
    assert again == content
    assert again.startswith(codecs.BOM_UTF8 + b"company,")


def test_f4_downloads_are_attachments_with_names_of_our_own(alice) -> None:
    for answer in (alice.post("/settings/privacy/export"), alice.get("/export/applications.csv")):
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="')
        assert answer.headers["Cache-Control"] == "no-store"


def test_an_empty_account_exports_headers(alice) -> None:
    files = unpacked(alice.post("/settings/privacy/export"))

    assert files["applications.csv"].decode().startswith("company,title,status")
    assert json.loads(files["applications.json"]) == []


def test_a_record_that_does_not_open_is_counted_and_the_rest_exported(alice, admin) -> None:
    broken = alice.add(company="A")
    alice.add(company="B")
    admin.execute("UPDATE records SET detail_sealed = ''::bytea WHERE id = %s", (broken,))

    files = unpacked(alice.post("/settings/privacy/export"))

    assert json.loads(files["manifest.json"])["unreadable_records"] == 1
    assert len(json.loads(files["applications.json"])) == 1


def test_erasing_asks_first_and_names_what_goes(alice) -> None:
    alice.add()

    page = alice.get("/settings/privacy?erase=data").text

    assert "1 application" in page
    assert 'action="/settings/privacy/erase-data"' in page
    assert "cannot be undone" in page


def test_p24_erasing_leaves_no_row_and_p25_the_account_works_on(alice, bob, admin) -> None:
    bobs = bob.add()
    record_id = alice.add()
    alice.change(record_id, title="Other")
    alice.upload(table({"company": "A", "title": "B"}))
    alice.bring(table({"company": "C", "title": "D"}))

    answer = alice.post("/settings/privacy/erase-data", password=PASSWORD)

    assert answer.status_code == 303
    owner = alice.client.get_cookie("tmr").value.partition(".")[0]
    for name in ("records", "record_versions", "undo_steps", "record_counts", "imports", "import_chunks"):
        assert admin.execute(f"SELECT count(*) FROM {name} WHERE owner_id = %s", (owner,)).fetchone() == (0,)
    assert alice.ids() == set()
    alice.add()
    assert alice.sign_in().status_code == 303
    assert bob.ids() == {bobs}


@pytest.mark.parametrize("password", ["", "wrong password entirely", PASSWORD.upper()])
def test_erasing_with_a_wrong_password_erases_nothing(alice, password: str) -> None:
    record_id = alice.add()

    answer = alice.post("/settings/privacy/erase-data", password=password)

    assert answer.status_code == 422
    assert "Nothing was deleted" in answer.text
    assert alice.ids() == {record_id}


def test_erasing_is_limited(alice) -> None:
    codes = [alice.post("/settings/privacy/erase-data", password="x").status_code for _ in range(11)]

    assert codes == [422] * 10 + [429]


def test_p21_the_export_tells_of_the_account_and_who_had_access(alice, clock) -> None:
    add_passkey(alice, label="=phone")
    alice.post("/settings/privacy/support-grants", scope="records", hours="4", message="Please look")

    files = unpacked(alice.post("/settings/privacy/export"))
    account = json.loads(files["account.json"])
    log = list(csv.DictReader(io.StringIO(files["access-log.csv"].decode(), newline="")))

    assert account["email"] == "alice@example.org"
    assert account["passkeys"][0]["name"] == "=phone"
    assert account["support_access"][0]["message"] == "Please look"
    assert account["log_is_whole"] is True
    assert [row["event"] for row in log][-2:] == ["You gave support access", "Everything was exported"]
    assert [row["number"] for row in log] == [str(number) for number in range(1, len(log) + 1)]
    assert "password_hash" not in str(account)


def test_l3_an_export_says_when_the_log_was_changed(alice, admin) -> None:
    admin.execute("UPDATE security_events SET happened_at = happened_at - interval '1 day' WHERE position = 1")

    files = unpacked(alice.post("/settings/privacy/export"))

    assert json.loads(files["account.json"])["log_is_whole"] is False
