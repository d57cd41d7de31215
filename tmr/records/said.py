"""What a message says of one change: what was done to which record, and where it is now."""

import msgspec

from tmr.domain.fields.type import Field
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.record import Record

LONGEST_NAME = 60  # characters: a message is read in one go


class Aside(msgspec.Struct, frozen=True):
    """A sentence beside a message; if it leads somewhere, ``name`` in its middle links to ``address``."""

    before: str
    name: str = ""
    address: str = ""
    after: str = ""


def name_of(record: Record) -> str:
    """Return the words for a record within a sentence: "Engineer at Ørsted", "Call Maria", "the offer"."""
    kind, values = record.kind, record.values
    if kind.key == APPLICATION.key:
        words = " at ".join(filter(None, (kind.words("title", values), kind.words("company", values))))
    else:
        words = record.title if record.title != kind.title else f"the {kind.title.lower()}"
    return words if len(words) <= LONGEST_NAME else f"{words[: LONGEST_NAME - 1].rstrip()}…"


def saved(record: Record, field: Field | None = None) -> str:
    """Say that a record was saved, or one field of it."""
    what = f": {field.label[:1].lower()}{field.label[1:]}" if field else ""
    return f"Saved. {sentence(name_of(record) + what)}"


def added(record: Record) -> str:
    """Say that a record was added."""
    return sentence(f"Added {name_of(record)}")


def moved(record: Record) -> str:
    """Say which stage an application is in now."""
    field = record.kind.stage_field
    stage = record.kind.words(field.name, record.values) if field else ""
    return f"Moved {name_of(record)} to {stage}."


def sentence(words: str) -> str:
    """Return words as a sentence: with a capital, and one full stop, also after "Acme Inc."."""
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') else '.'}"
