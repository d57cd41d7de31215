"""P06: the raw database cannot be read.

A canary in every field of every kind, a document, a staged file, an account and a session is looked for in every file
of the data directory after a checkpoint (heap, indexes, WAL, temporary files), in a dump and in the logs: raw, UTF-16,
base64, hex.

Seen failing with `Cipher` sealing nothing, and with the address of a search written to the log.
"""

import base64
import gzip
import io
import logging
import re
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.conftest import libpq
from tests.support.devices.passkey import add_passkey
from tests.support.factories import table
from tests.support.kinds import declare
from tests.support.people import Person
from tmr.domain.fields.type import Field
from tmr.domain.fields.types.choices import Choice
from tmr.domain.fields.types.dates import Date
from tmr.domain.fields.types.links import Link
from tmr.domain.fields.types.numbers import Amount, Currency, Rating
from tmr.domain.fields.types.texts import Email, Url
from tmr.domain.fields.types.times import Instant, Minutes, WallTime, Zone
from tmr.domain.kinds import KINDS
from tmr.domain.kinds.application import APPLICATION

CANARY = "Kanarienvogel7Xq"
SPECIAL = {
    "status": "offer",
    "work_mode": "remote",
    "employment_type": "contract",
    "salary_min": "7391846205",
    "salary_max": "8391846205",
    "salary_currency": "XQZ",
    "salary_period": "year",
    "applied_on": "2187-03-09",
    "deadline_on": "2187-04-09",
    "follow_up_on": "2187-05-09",
    "excitement": "4",
    "url": f"https://{CANARY}.example/x",
}


def forms(word: str) -> dict[str, bytes]:
    """Every form in which a word could be on a disk."""
    raw = word.encode()
    shifted = {f"base64 {shift}": base64.b64encode(b"x" * shift + raw)[4 if shift else 0 : -4] for shift in range(3)}
    return {
        "raw": raw,
        "lower": raw.lower(),
        "utf-16-le": word.encode("utf-16-le"),
        "utf-16-be": word.encode("utf-16-be"),
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "percent": quote(word.replace("7", "ä")).encode() if "ä" in word else raw,
        **shifted,
    }


def write_every_kind(ada, application: str) -> None:
    """The canary in every field of every kind that can hold it, in a file and its name, and in what a person sets."""
    ada.post("/settings/profile", page="/settings", time_zone="America/Argentina/ComodRivadavia")
    for plural, kind in KINDS.items():
        fields = {field.name: value_of(field) for field in kind.editable if not isinstance(field.type, Link)}
        fields |= {field.name: application for field in kind.record_links if field.type.target == "application"}
        fields[declare(ada, f"{CANARY} text", "text", plural)] = CANARY
        fields[declare(ada, f"{CANARY} choice", "choice", plural, CANARY)] = CANARY
        if "file" in kind.by_name:
            fields["file"] = (io.BytesIO(CANARY.encode() * 60_000), f"{CANARY}.txt")
        assert ada.post(f"/{plural}", **fields).status_code == 303, plural
        ada.get(f"/{plural}?q={CANARY}")
    ada.change(application, status="interviewing", job_description=CANARY)
    ada.post("/settings/pipeline/stages", label=CANARY, category="applied")
    feed = ada.post("/settings/calendar", label=CANARY, level="full").text
    ada.get(re.search(r"/calendar/feed/[\w-]+\.ics", feed)[0])
    token = ada.post("/settings/tokens", page="/settings/tokens", label=CANARY, scope="both").text
    headers = {"Authorization": "Bearer " + re.search(r'id="token">([^<]+)<', token)[1]}
    ada.client.post("/api/v1/tasks", json={"title": CANARY, "notes": CANARY, CANARY: CANARY}, headers=headers)
    ada.client.get(f"/api/v1/applications?q={CANARY}", headers=headers)
    ada.post("/settings/coach", page="/settings/coach", label=CANARY, notes="1", pay="1")
    ada.post("/settings/mails", hour="8", days="every day", interview_minutes="60", says="names")
    ada.post("/applications/paste", rows=f"{CANARY}\t{CANARY}\n{CANARY} 2\t{CANARY}")
    for page in ("/today", "/board", "/calendar", "/activity", "/insights", f"/search?q={CANARY}", "/offers/compare"):
        assert ada.get(page).status_code == 200


def value_of(field: Field) -> str:
    if field.name in SPECIAL:
        return SPECIAL[field.name]
    if isinstance(field.type, Choice):
        return field.type.options[-1][0]
    samples = {Date: "2187-03-09", WallTime: "2187-03-09T10:00", Instant: "2187-03-09T10:00:00Z", Minutes: "55"}
    samples |= {Amount: SPECIAL["salary_min"], Currency: "XQZ", Url: SPECIAL["url"], Zone: "America/Argentina/Ushuaia"}
    samples |= {Email: f"{CANARY}@example.org", Rating: "4"}
    return samples.get(type(field.type), CANARY)


@pytest.fixture
def everything(app, admin, caplog, clock, letters):
    """A person who has typed the canary wherever one can type."""
    caplog.set_level(0)
    ada = Person(app, f"{CANARY}@example.org").sign_up(f"{CANARY} battery staple")
    fields = {field.name: SPECIAL.get(field.name, CANARY) for field in APPLICATION.fields}
    record_id = ada.add(**fields)
    write_every_kind(ada, record_id)
    ada.change(record_id, notes=f"{CANARY} " * 500)
    ada.change(record_id, company="", notes=CANARY)
    ada.get(f"/applications?q={CANARY}&tag={CANARY}", headers={"User-Agent": CANARY})
    ada.client.post("/login", data={"email": CANARY}, headers={"User-Agent": CANARY})
    ada.sign_in(f"{CANARY} battery staple")
    ada.post("/settings/profile", page="/settings", name=CANARY, email=f"{CANARY}@{CANARY}.example")
    add_passkey(ada, label=CANARY)
    ada.post("/forgot", email=f"{CANARY}@example.org")
    letters()
    ada.client.post("/login/2fa", data={"code": CANARY})
    rows = [{"company": f"{CANARY} {n}", "title": CANARY, "notes": CANARY * 50} for n in range(300)]
    ada.bring(table(*rows), f"{CANARY}.csv")
    ada.upload(table(*rows), f"{CANARY}.csv")
    assert len(ada.post("/settings/privacy/export").data) > 1_000
    admin.execute("CHECKPOINT")
    return ada


WORDS = (CANARY, SPECIAL["salary_min"], "2187-03-09", "ComodRivadavia", "America/Argentina")


def hits(content: bytes, where: str) -> list[str]:
    return [
        f"{word} as {form} in {where}" for word in WORDS for form, needle in forms(word).items() if needle in content
    ]


def test_p06_no_file_of_the_data_directory_holds_a_word_of_it(everything, data_dir: Path) -> None:
    contents = dict(filter(None, map(read, data_dir.rglob("*"))))

    assert [hit for path, content in contents.items() for hit in hits(content, path)] == []
    assert any("pg_wal" in path for path in contents)
    assert sum(map(len, contents.values())) > 20_000_000


def read(path: Path) -> tuple[str, bytes] | None:
    """Read a file of a running server, which makes and removes some of its own (pg_internal.init) at any moment."""
    try:
        return (str(path), path.read_bytes()) if path.is_file() else None
    except FileNotFoundError:
        return None


def test_p06_no_dump_holds_a_word_of_it(everything, server) -> None:
    program = server._needed_user.binary("pg_dump")
    for options in ([], ["--inserts"], ["-Fc", "-Z0"]):
        dump = subprocess.run([program, *options, libpq(server.admin_url)], capture_output=True, check=True).stdout
        assert hits(dump, "the dump") == []
        assert b"summary_sealed" in dump


def test_p06_no_log_holds_a_word_of_it(everything, caplog, data_dir: Path) -> None:
    log = "\n".join(map(logging.Formatter().format, caplog.get_records("setup")))  # what `everything` made it write

    assert "CSRF token is missing" in log
    assert hits(log.encode(), "the log") == []
    assert hits((data_dir / "postgres.log").read_bytes(), "PostgreSQL's log") == []


def test_the_search_would_find_the_word() -> None:
    """Tests the search itself: each form of the canary is found where it is."""
    for shift in range(3):
        assert hits(base64.b64encode(b"y" * shift + CANARY.encode() + b"zzz"), "x")
    assert hits(CANARY.encode("utf-16"), "x")
    assert hits(CANARY.encode().hex().encode(), "x")
    assert not hits(gzip.compress(b"nothing"), "x")
