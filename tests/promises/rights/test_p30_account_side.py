"""P30: what the server opens by itself, of an account that its owner locked, tells nothing of the records."""

import datetime as dt
import io

import pytest

from tests.support.factories import table
from tests.support.kinds import RecordForms, declare
from tests.support.locked import LOCK_PAGE, ask_for_code, reseal, type_back
from tests.support.people import Person
from tmr.crypto.envelope import ACCOUNT, DataKey
from tmr.operations.jobs.mails import send_reminders
from tmr.repository.access.support_grants import RECORDS

CANARY = "Kanarienvogel"


@pytest.fixture
def sealed(monkeypatch) -> list[tuple[str, bytes]]:
    """All that is sealed from now on: the purpose of the key, and the content."""
    told: list[tuple[str, bytes]] = []
    for name in ("seal", "seal_chunk"):
        real = getattr(DataKey, name)

        def noting(key, plaintext, *address, real=real):
            told.append((key.purpose, bytes(plaintext)))
            return real(key, plaintext, *address)

        monkeypatch.setattr(DataKey, name, noting)
    return told


@pytest.fixture
def locked(alice, services, clock) -> Person:
    """Alice, who has the lock on, and whose records are open in her browser."""
    alice.add()
    type_back(alice, ask_for_code(alice))
    reseal(alice)
    assert "Lock now" in alice.get(LOCK_PAGE).text
    return alice


def test_p30_proof_1_nothing_of_the_records_is_sealed_under_a_key_that_the_keyring_opens(
    locked: Person, clock, sealed, job_context
) -> None:
    """Seen failing with saved views sealed under the key of the account."""
    forms, word = RecordForms(locked), CANARY
    record = locked.add(company=word, title=word, notes=word, url=f"https://{word}.example/", tags=word)
    day = (clock() + dt.timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    forms.add("contacts", name=word, company=word, email=f"{word}@example.org")
    forms.add("interviews", application_id=record, kind="video", starts_at=day, place=word, questions=word)
    forms.add("tasks", title=word, due_on=day[:10], application_id=record)
    forms.add("offers", application_id=record, base="60000", currency="EUR", notes=word)
    own = declare(locked, word, "choice", "applications", choices=f"{word}\nother")
    locked.change(record, **{own: word, "location": word})
    locked.upload(table({"company": word, "title": word}))
    for path, fields in (
        ("/documents", {"name": word, "file": (io.BytesIO(word.encode()), f"{word}.txt")}),
        (f"/applications/{record}/draft", {"subject": word, "text": word}),
        ("/settings/calendar", {"label": word, "level": "full"}),
        ("/settings/pipeline", {"label": word, "category": "applied"}),
        ("/applications/views", {"name": word, "query": f"q={word}"}),
        ("/capture", {"company": word, "title": word, "text": word}),
        ("/settings/privacy/support-grants", {"scope": RECORDS, "hours": "24", "message": word}),
        ("/settings/coach", {"label": word, "notes": "on"}),
        (f"/applications/{record}/delete", {}),
        ("/undo", {}),
    ):
        assert locked.post(path, page="/settings", **fields).status_code in (200, 303), path
    send_reminders(job_context)

    assert any(CANARY.encode() in content for purpose, content in sealed if purpose != ACCOUNT)
    tells = [content for purpose, content in sealed if purpose == ACCOUNT and CANARY.encode() in content]
    assert tells == []
