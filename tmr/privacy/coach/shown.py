"""What a coach link shows of a record, and what it leaves out: each field of each kind is in one list, by its name."""

from collections.abc import Iterator

import msgspec
from markupsafe import Markup

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field
from tmr.domain.fields.types.own import Money
from tmr.domain.record import Record
from tmr.repository.access.coach_links import CoachLink
from tmr.web.display.cells import shown_alone


class Shown(msgspec.Struct, frozen=True):
    """Names of the fields of a kind: those that every link shows, those with notes or with pay, and those that none
    shows.
    """

    always: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    pay: tuple[str, ...] = ()
    never: tuple[str, ...] = ()


# Own words count as notes, and so do names of people: they may hold anything. Nobody is led into a meeting. Links to
# other records and files are left out: what is shown of those has its own place. Offers are shown with pay only.
SHOWN = {
    "application": Shown(
        always=(
            "company",
            "title",
            "status",
            "location",
            "work_mode",
            "employment_type",
            "applied_on",
            "deadline_on",
            "follow_up_on",
            "excitement",
            "url",
        ),
        notes=("source", "tags", "closed_reason", "job_description", "notes"),
        pay=("salary_min", "salary_max", "salary_currency", "salary_period"),
    ),
    "interview": Shown(
        always=("kind", "starts_at", "time_zone", "duration", "outcome", "thank_you_sent"),
        notes=("interviewers", "preparation", "questions", "notes"),
        never=("application_id", "place"),
    ),
    "offer": Shown(
        always=("deadline_on", "start_on", "decision"),
        notes=("benefits", "notes"),
        pay=("base", "currency", "period", "bonus", "sign_on", "equity"),
        never=("application_id",),
    ),
    "event": Shown(
        always=("type", "happened_at", "from_stage", "to_stage"),
        notes=("text",),
        never=("application_id", "sent_files", "posting_sha256", "posting", "sent"),
    ),
}
# Contacts are other people's data, files are the most personal, and tasks are for nobody else.
NEVER = ("contact", "document", "task")


def shown_fields(kind: Kind, link: CoachLink) -> list[Field]:
    """Return the fields of ``kind`` that a link shows; a field that is in no list is not shown."""
    lists = SHOWN.get(kind.key, Shown())
    names = {*lists.always, *(lists.notes if link.notes else ()), *(lists.pay if link.pay else ())}
    return [field for field in kind.fields if (_is_own_shown(field, link) if field.is_own else field.name in names)]


def _is_own_shown(field: Field, link: CoachLink) -> bool:
    """Whether a link shows a person's own field: with notes, and one of money with both."""
    return link.notes and (link.pay or not isinstance(field.type, Money))


def facts(record: Record, link: CoachLink) -> Iterator[tuple[Field, Markup]]:
    """Yield each field that a link shows and that has a value, with its words as the reader's locale has them."""
    for field in shown_fields(record.kind, link):
        if record.values.get(field.name) not in (None, ""):
            yield field, shown_alone(field, record.values)
