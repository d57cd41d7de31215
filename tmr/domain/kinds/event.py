"""The event: one entry of an application's timeline; changes of status are written by the app itself."""

from collections.abc import Iterable, Iterator
from uuid import UUID

import msgspec

from tmr.domain.fields.kind import Identity, Kind
from tmr.domain.fields.type import Field, FieldType, Wire
from tmr.domain.fields.types.choices import Choice
from tmr.domain.fields.types.links import FileLinks, Link
from tmr.domain.fields.types.stages import PastStage
from tmr.domain.fields.types.texts import LongText
from tmr.domain.fields.types.times import Instant
from tmr.domain.record import Scanned

# fmt: off
EVENT = Kind(
    key="event", plural="events", title="Entry", heading="Timeline", place=7, shortcut="l",
    sorted_by="happened_at", is_newest_first=True,
    icon="M8 2v12M8 4.5h4.5M8 8H3.5M8 11.5h4.5", named_by=("type", "application_id"),
    empty="Status changes are logged here automatically. Log calls, emails and notes on an application's page.",
    described_by=("happened_at", "to_stage"),
    identity=Identity(together=("application_id", "type", "happened_at", "to_stage")),
    fields=[
        Field(name="application_id", label="Application", number=2, type=Link("application"), is_required=True,
              is_headline=True,
              is_quick=True, aliases=("application_ids",), missing="Choose an application.",
              words="application, company, company name, employer, role, title"),
        Field(name="type", label="Type", number=3, is_quick=True, default="note", words="what, kind, event",
              is_headline=True,
              type=Choice("Status", "Note", "Call", "Email", "Meeting")),
        Field(name="happened_at", label="When", number=4, type=Instant(), is_quick=True, words="date, time, at, when",
              is_headline=True),
        Field(name="from_stage", label="From", number=5, type=PastStage(), words="from status, from",
              is_headline=True),
        Field(name="to_stage", label="To", number=6, type=PastStage(), words="to status, to",
              is_headline=True),
        Field(name="sent_files", label="Files", number=7, type=FileLinks(), is_fixed=True, is_column=False),
        Field(name="posting_sha256", label="Posting fingerprint (SHA-256)", number=8, type=FieldType(), is_fixed=True,
              is_column=False),
        Field(name="text", label="Details", number=1, type=LongText(), section="detail", is_quick=True,
              is_headline=True, is_in_panel=True,
              aliases=("notes",), words="text, note, comment, description, details"),
        Field(name="posting", label="Posting when you applied", number=2, type=LongText(),
              section="detail", is_fixed=True),
        Field(name="sent", label="Documents you sent", number=3, type=LongText(), section="detail", is_fixed=True),
    ],
)
# fmt: on


class StatusChange(msgspec.Struct, frozen=True):
    """An application moved from one stage to another: the keys of both, or None for where it came from nowhere."""

    application_id: str
    happened_at: str
    from_stage: str | None
    to_stage: str


def status_event(application_id: UUID, from_stage: Wire, to_stage: Wire, happened_at: str) -> dict[str, Wire]:
    """Return the values of the event that the app writes about a change of status."""
    moved = {"happened_at": happened_at, "from_stage": from_stage, "to_stage": to_stage}
    return {**EVENT.defaults(), "application_id": str(application_id), "type": "status", **moved}


def status_changes(events: Iterable[Scanned]) -> Iterator[StatusChange]:
    """Read the changes of status among these events."""
    names = ("type", "application_id", "happened_at", "from_stage", "to_stage")
    numbers = [EVENT.by_name[name].number for name in names]
    for event in events:
        what, application_id, happened_at, from_stage, to_stage = (event.summary[number] for number in numbers)
        if what == "status" and isinstance(happened_at, str):
            yield StatusChange(str(application_id), happened_at, str(from_stage) if from_stage else None, str(to_stage))
