"""Every job of the queue against locked records: it opens none, tells none of them, and comes to an end."""

import asyncio
import datetime as dt
import inspect
import io
import logging
from types import SimpleNamespace
from uuid import uuid4

import psycopg
import pytest

from tests.support.factories import table
from tests.support.kinds import RecordForms
from tests.support.locked import lock
from tests.support.people import PASSWORD, Person
from tmr.crypto.envelope import RECORDS, DataKey
from tmr.operations.jobs.tasks import make_app
from tmr.repository.access.support_grants import RECORDS as OF_RECORDS

WORD = "Quagga7Xq"
DAYS = 1, 1, 1, 15, 15  # by then the trash, exports and grants are over, and mails were due in between


@pytest.fixture
def there(alice, services, clock) -> Person:
    """Alice, who has something of everything that a job may be about, locked, and open in this browser."""
    forms, page = RecordForms(alice), "/settings"
    record = alice.add(company=WORD, title=WORD, notes=WORD, follow_up_on=f"{clock():%Y-%m-%d}")
    tomorrow = (clock() + dt.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    forms.add("interviews", application_id=record, kind="video", starts_at=tomorrow, place=WORD)
    forms.add("tasks", title=WORD, due_on=tomorrow[:10], application_id=record)
    alice.post("/documents", name=WORD, file=(io.BytesIO(WORD.encode()), f"{WORD}.txt"))
    mails = alice.post("/settings/mails", page=page, hour="8", days="every day", interview_minutes="60", says="names")
    assert mails.status_code == 303
    alice.post(f"/applications/{alice.add(company=WORD, title='gone')}/delete")
    lock(services.repository, alice.owner, clock(), PASSWORD)
    there = alice.elsewhere()
    for path, fields in (
        ("/settings/calendar", {"label": WORD, "level": "full"}),
        ("/applications/views", {"name": WORD, "query": f"q={WORD}"}),
        ("/settings/privacy/support-grants", {"scope": OF_RECORDS, "hours": "24", "message": WORD}),
        ("/settings/coach", {"label": WORD, "notes": "on"}),
    ):
        assert there.post(path, page=page, **fields).status_code in (200, 303), path
    return there


def arguments(there: Person, services, clock, admin: psycopg.Connection) -> dict[str, list[dict[str, object]]]:
    """Return what each job that is not a periodic one is asked for: all that there is of this account."""
    place = there.upload(table({"company": WORD, "title": "x"})).headers["Location"]
    with services.repository.for_owner(there.owner) as uow:
        export_id = uow.exports.start(1, clock())
        uow.commit()
    admin.execute("UPDATE imports SET state = 'queued'")
    owner, import_id = str(there.owner), place.rpartition("/")[2]
    mails = [{"owner": owner, "mail_id": str(row[0])} for row in admin.execute("SELECT id FROM outgoing_mails")]
    hashed = {"email_hash": ",".join(each.hex() for each in services.repository.email_hashes(there.email))}
    return {
        "import": [{"owner": owner, "import_id": import_id}],
        "undo-import": [{"owner": owner, "import_id": import_id}],
        "export": [{"owner": owner, "export_id": str(export_id)}],
        "reseal": [{"owner": owner}],
        "mail": mails,
        "house-mail": [{"mail_id": str(uuid4())}],
        "publish": [{}],
        "finish-lock": [{"owner": owner}],
        "reset": [hashed],
        "refused": [hashed],
    }


def test_proof_2_every_job_leaves_locked_records_closed_and_comes_to_an_end(
    there: Person, services, clock, admin, server, job_context, post_office, monkeypatch, caplog
) -> None:
    """Seen failing where nothing is locked, and where mails of the morning are made of what is found.

    What the jobs on backups, keys and the doctor do is tested with a whole installation.
    """
    asked = arguments(there, services, clock, admin)
    app = make_app(server.app_url, job_context)
    tasks = {name: task for name, task in app.tasks.items() if "builtin" not in name}
    periodic = tasks.keys() - asked.keys()
    assert all(list(inspect.signature(tasks[name].func).parameters) == ["timestamp"] for name in periodic)
    opened: list[str] = []
    for name in ("unseal", "unseal_chunk"):
        real = getattr(DataKey, name)
        monkeypatch.setattr(DataKey, name, lambda key, *rest, real=real: opened.append(key.purpose) or real(key, *rest))
    caplog.set_level(logging.DEBUG)

    def run(name: str, **named: object) -> None:
        context = [SimpleNamespace(job=SimpleNamespace(attempts=0))] if tasks[name].pass_context else []
        done = tasks[name].func(*context, **named)
        if inspect.isawaitable(done):
            asyncio.run(done)

    for name, each_time in asked.items():
        for named in each_time:
            run(name, **named)
    for days in DAYS:
        clock.turn(days=days)
        for name in sorted(periodic - {"revive"}):  # which asks a queue that is running
            run(name, timestamp=int(clock().timestamp()))
        for owner, mail_id in admin.execute("SELECT owner_id, id FROM outgoing_mails").fetchall():
            run("mail", owner=str(owner), mail_id=str(mail_id))

    assert services.repository.connections_in_use() == 0
    assert opened.count(RECORDS) == 0
    assert opened
    letters = [f"{letter.subject} {letter.text} {letter.html}" for letter in post_office.letters]
    assert sum("/today" in letter for letter in letters) >= len(DAYS)  # those of the morning
    assert WORD not in "".join(letters) + caplog.text
    assert there.sign_in().status_code == 303
    assert WORD in there.get("/applications").text
