"""What fields are called: a file whose header has the words of an earlier release still finds its fields."""

import pytest

from tmr.domain.importing.headers import target_of
from tmr.domain.kinds import KINDS

EARLIER_LABELS = [
    ("applications", "Company", "company"),
    ("applications", "Title", "title"),
    ("applications", "Employment", "employment_type"),
    ("applications", "Pay", "salary"),
    ("applications", "Pay up to", "salary_max"),
    ("applications", "Pay per", "salary_period"),
    ("applications", "Follow up", "follow_up_on"),
    ("applications", "Interest", "excitement"),
    ("applications", "How it closed", "closed_reason"),
    ("applications", "Link", "url"),
    ("contacts", "Follow up", "follow_up_on"),
    ("contacts", "Profile", "profile_url"),
    ("documents", "Kind", "kind"),
    ("events", "What", "type"),
    ("events", "Text", "text"),
    ("interviews", "Kind", "kind"),
    ("interviews", "Starts", "starts_at"),
    ("interviews", "Length", "duration"),
    ("interviews", "Place or link", "place"),
    ("interviews", "Thanked", "thank_you_sent"),
    ("interviews", "Questions", "questions"),
    ("offers", "Base", "base"),
    ("offers", "Per", "period"),
    ("offers", "Bonus a year", "bonus"),
    ("offers", "Sign-on", "sign_on"),
    ("offers", "Equity a year", "equity"),
    ("offers", "Start", "start_on"),
]


@pytest.mark.parametrize(("plural", "label", "field"), EARLIER_LABELS)
def test_earlier_labels_still_name_their_fields(plural: str, label: str, field: str) -> None:
    assert target_of(KINDS[plural], label) == field


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.key)
def test_every_label_names_its_own_field(kind) -> None:
    for field in kind.editable:
        target = target_of(kind, field.label)
        assert target == field.name or (target, field.name) == ("salary", "salary_min")


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.key)
def test_required_fields_say_what_to_do_when_they_are_empty(kind) -> None:
    for name in kind.required:
        assert kind.by_name[name].missing.endswith(".")
