"""What people and systems write of applications, in few words and four languages, is told apart by its kind."""

import datetime as dt
import re
from collections.abc import Iterator

import pytest

from tests.support.capture_samples import SAMPLES
from tmr.domain.capture.mail.reader import read_mail
from tmr.domain.fields.folding import fold

# Each file, and how many kinds and roles in it may be left open at most.
FILES = [
    ("wordings.txt", 9, 10),
    ("more-wordings.txt", 0, 5),
    ("yet-more-wordings.txt", 0, 4),
    ("still-more-wordings.txt", 0, 6),
    ("general-wordings.txt", 12, 12),
]
NOW = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
HEAD = (
    "From: Kim Lund <kim@harlan.example.com>\nTo: Robin Vale <robin.vale@example.org>\nMIME-Version: 1.0\n"
    "Date: Mon, 30 Nov 2026 10:00:00 +0100\nContent-Type: text/plain; charset=utf-8\n"
)


def _mails(file: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield the kind, the role, the subject and the text of each."""
    kind = ""
    for line in (SAMPLES / file).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            kind = line.strip("[]")
        elif line and not line.startswith("#"):
            role = re.search(r"\{(.+?)\}", line)
            subject, text = line.replace("{", "").replace("}", "").split(" || ")
            yield kind, role[1] if role else "", subject, text


@pytest.mark.parametrize(("file", "most_open", "most_roles_open"), FILES)
def test_short_mails_are_told_apart_and_none_of_another_matter_is_taken_for_one_about_a_job(
    file, most_open, most_roles_open
):
    wrong, taken, titles = [], [], []
    for kind, role, subject, text in _mails(file):
        read = read_mail(f"{HEAD}Subject: {subject}\n\n{text}\n\nKim Lund\n".encode(), NOW, "Europe/Berlin")
        if read.kind != kind:
            (taken if kind == "other" else wrong).append((kind, read.kind, subject, text))
        elif role and kind != "other" and fold(read.title) != fold(role):
            titles.append((role, read.title))
    assert taken == []
    assert len(wrong) <= most_open, wrong
    assert all(read == "other" for _, read, *_ in wrong), "a wrong kind is worse than none"
    assert len(titles) <= most_roles_open, titles
