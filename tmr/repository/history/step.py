"""What one change was: which records, and between which of their versions. It holds no value of a record."""

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec

from tmr.crypto.padding import pad_padme, unpad
from tmr.domain.kinds.event import EVENT

_encoder = msgspec.msgpack.Encoder(uuid_format="bytes")


class Trace(msgspec.Struct, frozen=True, array_like=True):
    """One record of a change: its version, and whether it was there, before and after. Version 0 is before it began."""

    kind: str
    id: UUID
    before: int
    after: int
    was_there: bool
    is_there: bool

    def turned(self) -> "Trace":
        """Return the change that undoes this one."""
        return Trace(self.kind, self.id, self.after, self.before, self.is_there, self.was_there)


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One change as a person made it.

    ``fields`` are the names of those that it set on what it was about, ``stage`` the one stage that all of them got. An
    import is named by its id instead of its records; ``hidden`` are the lines that it left out of Today, until when.
    """

    traces: list[Trace] = []
    fields: list[str] = []
    stage: str | None = None
    import_id: UUID | None = None
    hidden: dict[str, str] = {}

    @property
    def subjects(self) -> Sequence[Trace]:
        """What the change was about: not the entries of the timeline that followed from it."""
        return [trace for trace in self.traces if trace.kind != EVENT.key] or self.traces

    def ids_of(self, kind: str) -> list[UUID]:
        """Return the records of a kind that it was about."""
        return [trace.id for trace in self.traces if trace.kind == kind]

    def without(self, gone: set[UUID]) -> "Step":
        """Return the step without the records that are gone for good."""
        left = [trace for trace in self.traces if trace.id not in gone]
        return self if len(left) == len(self.traces) else msgspec.structs.replace(self, traces=left)

    def without_fields(self, gone: Collection[str]) -> "Step":
        """Return the step without the names of fields that are gone for good."""
        left = [name for name in self.fields if name not in gone]
        return self if len(left) == len(self.fields) else msgspec.structs.replace(self, fields=left)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to undo."""
        return not (self.traces or self.hidden or self.import_id)


def encode_step(step: Step) -> bytes:
    """Return a step as padded bytes, 40 at most for each record."""
    return pad_padme(_encoder.encode(step))


def decode_step(content: bytes) -> Step:
    """Return the step that ``encode_step`` made these bytes of."""
    return msgspec.msgpack.decode(unpad(content), type=Step)
