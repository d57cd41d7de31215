"""The event: one entry of an application's timeline; changes of status are written by the app itself."""

from tmr.domain.fields.kind import Identity, Kind
from tmr.domain.fields.links import FileLinks, Link
from tmr.domain.fields.times import Instant
from tmr.domain.fields.type import Choice, Field, FieldType, LongText, PastStage

# fmt: off
EVENT = Kind(
    key="event", plural="events", title="Event", heading="Timeline", place=7, shortcut="l",
    icon="M8 2v12M8 4.5h4.5M8 8H3.5M8 11.5h4.5", named_by=("type", "application_id"),
    empty="Status changes are logged here automatically. Log calls, emails and notes on an application's page.",
    identity=Identity(together=("application_id", "type", "happened_at", "to_stage")),
    fields=[
        Field(name="application_id", label="Application", number=2, type=Link("application"), is_required=True,
              is_quick=True, aliases=("application_ids",), missing="Choose an application.",
              words="application, company, company name, employer, role, title"),
        Field(name="type", label="Type", number=3, is_quick=True, default="note", words="what, kind, event",
              type=Choice("Status", "Note", "Call", "Email", "Meeting")),
        Field(name="happened_at", label="When", number=4, type=Instant(), is_quick=True, words="date, time, at, when"),
        Field(name="from_stage", label="From", number=5, type=PastStage(), words="from status, from"),
        Field(name="to_stage", label="To", number=6, type=PastStage(), words="to status, to"),
        Field(name="sent_files", label="Files", number=7, type=FileLinks(), is_fixed=True, is_column=False),
        Field(name="posting_sha256", label="Posting fingerprint (SHA-256)", number=8, type=FieldType(), is_fixed=True,
              is_column=False),
        Field(name="text", label="Details", number=1, type=LongText(), section="detail", is_quick=True,
              aliases=("notes",), words="text, note, comment, description, details"),
        Field(name="posting", label="Posting when you applied", number=2, type=LongText(),
              section="detail", is_fixed=True),
        Field(name="sent", label="Documents you sent", number=3, type=LongText(), section="detail", is_fixed=True),
    ],
)
# fmt: on
