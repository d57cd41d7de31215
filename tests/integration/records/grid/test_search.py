"""The search over everything names each record with what tells it from others."""

import re

import pytest

from tests.support.kinds import RecordForms
from tmr.repository.records.records import Records


@pytest.fixture
def record_forms(alice) -> RecordForms:
    return RecordForms(alice)


def test_a_found_record_says_which_one_it_is(record_forms: RecordForms) -> None:
    alice = record_forms.alice
    globex = alice.add(company="Globex", title="Engineer", location="Aix", applied_on="2026-11-01", status="applied")
    record_forms.add(
        "contacts",
        name="Jörg Müller",
        company="Globex",
        job_title="Recruiter",
        phone="+49 170 1",
        application_ids=globex,
    )
    record_forms.add("tasks", title="Send the portfolio to Globex", due_on="2026-12-24", application_id=globex)
    record_forms.add("offers", application_id=globex, base="65000", currency="EUR", deadline_on="2026-12-01")

    page = alice.get("/search?q=globex").text

    told = [
        re.sub(r"<[^>]+>", "", text).strip() for text in re.findall(r'<small class="quiet">(.*?)</small>', page, re.S)
    ]
    assert "Applied · Aix · Applied 1 Nov" in told
    assert "Recruiter · Globex · +49 170 1 · Globex · Engineer" in told
    assert "Due 24 Dec · Globex · Engineer" in told


def test_what_no_record_can_link_to_is_not_named_for_a_search(record_forms: RecordForms, monkeypatch) -> None:
    """Seen failing: a search of applications alone opened all of them once more, to name them for no interview."""
    alice, named = record_forms.alice, []
    read = Records.names_to_search
    monkeypatch.setattr(
        Records, "names_to_search", lambda self, kind, name: named.append(kind.key) or read(self, kind, name)
    )
    globex = alice.add(company="Globex")

    assert "Globex" in alice.get("/search?q=globex").text
    assert named == []

    record_forms.add("tasks", title="Call", application_id=globex)
    assert "Call" in alice.get("/search?q=globex").text
    assert named.count("application") == 1
