"""The next interview, with what a person wants at hand before it: preparation, posting, and what was sent."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from uuid import UUID

import msgspec

from tmr.domain.agenda.agenda import Entry
from tmr.domain.fields.type import Wire
from tmr.domain.fields.types.links import link_ids
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.kinds.document import DOCUMENT
from tmr.domain.kinds.event import EVENT
from tmr.domain.record import Record
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.dates import short_date
from tmr.web.display.zone import local_text

MOST_FILES = 6
AT_ONCE = 10  # entries whose long texts are in memory
_SENT_FILE = re.compile(r"(.*) \(.*\), SHA-256 [0-9a-f]+")  # as the timeline writes it


class Paper(msgspec.Struct, frozen=True):
    """A link to a file or a posting."""

    name: str
    address: str
    is_elsewhere: bool = False


class InterviewCard(msgspec.Struct, frozen=True):
    """The next interview; ``sent_on`` is the day on which ``papers`` were sent, None if they were not."""

    entry: Entry
    interview: Record
    application: Record | None
    papers: Sequence[Paper]
    sent_on: dt.date | None

    @property
    def title(self) -> str:
        """What it is, such as ``Video interview``."""
        label = self.interview.kind.words("kind", self.interview.values)
        if not label:
            return "Interview"
        return label if self.interview["kind"] in ("phone screen", "take-home") else f"{label} interview"


def card_of(uow: UnitOfWork, entry: Entry, interview: Record) -> InterviewCard:
    """Return the card of an interview, which was read with its detail."""
    ids = [UUID(application_id) for application_id in link_ids(interview["application_id"])]
    found = uow.records.get_many(uow.kinds[APPLICATION.plural], ids, with_detail=True)
    application = found[0] if found else None
    sent = _sent(uow, application.id) if application else None
    papers = [*_what_was_sent(sent)] if sent else [*_at_hand(uow, application.id)] if application else []
    if application and application["url"]:
        papers.append(Paper("Job posting", str(application["url"]), is_elsewhere=True))
    day = dt.date.fromisoformat(local_text(str(sent["happened_at"]))[:10]) if sent else None
    return InterviewCard(entry, interview, application, papers, day)


def _sent(uow: UnitOfWork, application_id: UUID) -> Record | None:
    """Return the latest entry of an application that keeps what was sent."""
    moves = [event for event in uow.records.linked(EVENT, application_id) if event["type"] == "status"]
    moves.sort(key=lambda event: str(event["happened_at"]), reverse=True)
    for start in range(0, len(moves), AT_ONCE):
        ids = [event.id for event in moves[start : start + AT_ONCE]]
        for event in uow.records.get_many(EVENT, ids, with_detail=True):
            if event["posting"] or event["sent"]:
                return event
    return None


def _what_was_sent(sent: Record) -> Iterator[Paper]:
    files = sent["sent_files"] if isinstance(sent["sent_files"], list) else []
    names = [match[1] for line in _lines(sent["sent"]) if (match := _SENT_FILE.fullmatch(line))]
    for number, _file in enumerate(files[:MOST_FILES], start=1):
        name = names[number - 1] if number <= len(names) else f"File {number}"
        yield Paper(name, f"/events/{sent.id}/files/{number}")
    if sent["posting"]:
        day = short_date(local_text(str(sent["happened_at"]))[:10])
        yield Paper(f"Posting as of {day}", f"/events/{sent.id}")


def _at_hand(uow: UnitOfWork, application_id: UUID) -> Iterator[Paper]:
    """Yield the documents of an application that nothing was kept of."""
    for document in uow.records.linked(DOCUMENT, application_id)[:MOST_FILES]:
        is_file = bool(document["file"])
        yield Paper(str(document["name"]), f"/documents/{document.id}{'/file' if is_file else ''}")


def _lines(text: Wire) -> list[str]:
    return [line.strip() for line in str(text or "").splitlines() if line.strip()]
