"""The plans of all tables in a file that is being imported."""

from collections.abc import Collection, Sequence

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.own import PREFIX, OwnField
from tmr.domain.importing.plan import Plan
from tmr.domain.importing.reading.own_fields import joined_fields, settled_fields
from tmr.domain.kinds import KINDS, kinds_for
from tmr.domain.pipeline.changes import joined
from tmr.domain.pipeline.pipeline import Pipeline
from tmr.domain.pipeline.stage import Stage

INLINE_ROWS = 500
INLINE_BYTES = 4 * 1024 * 1024
MOST_ROWS = 50_000  # of all tables together


class Bundle(msgspec.Struct):
    """The plans of all tables in a file, in the order in which they are carried out.

    ``bytes`` is how much they are, unpacked. ``passed_over`` names the sheets and files beside them that are not read,
    each with why. ``own_fields`` come with an export or are made of columns, and then their names are in ``made``.
    """

    plans: list[Plan]
    bytes: int = 0
    stages: list[Stage] = []
    own_fields: list[OwnField] = []
    passed_over: list[str] = []
    made: list[str] = []

    @property
    def used(self) -> list[Plan]:
        """The plans of the tables that are imported."""
        return [plan for plan in self.plans if plan.is_used]

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(plan.rows for plan in self.used)

    def leave_out_beyond(self) -> list[Plan]:
        """Leave out the tables that have no room among ``MOST_ROWS`` rows beside those before them; return these."""
        beyond, rows = [], 0
        for plan in self.used:
            if rows + plan.rows > MOST_ROWS:
                plan.is_used, plan.is_beyond = False, True
                beyond.append(plan)
            else:
                plan.is_beyond = False
                rows += plan.rows
        return beyond

    def forget_fields(self, gone: Collection[str], *, is_done: bool) -> None:
        """Forget fields that are gone for good; of a file that was imported also the rows that showed what is in it."""
        self.own_fields = [field for field in self.own_fields if field.name not in gone]
        self.made = [name for name in self.made if name not in gone]
        for plan in self.plans:
            for index, target in enumerate(plan.columns):
                if target in gone:
                    plan.lose_field(index, KINDS[plan.kind].catch_all)
            if is_done:
                plan.preview, plan.top = [], []

    @property
    def is_small(self) -> bool:
        """Whether it is done at once, while the person waits, and not through the queue."""
        return self.rows <= INLINE_ROWS and self.bytes <= INLINE_BYTES


def settle_fields(pipeline: Pipeline, own_fields: Sequence[OwnField], bundle: Bundle) -> None:
    """Let a bundle that waited fit the fields that a person has by now.

    A field of theirs that a column was for may be gone, hidden or full, and one that it would make may be there. A
    column without a field goes into the notes; one of an export, whose values are taken exactly, is left out.
    """
    settled = settled_fields(own_fields, bundle.own_fields)
    bundle.made = [field.name for (_, name), field in settled.items() if name in bundle.made]
    bundle.own_fields = list(settled.values())
    kinds = kinds_with(pipeline, own_fields, bundle)
    for plan in bundle.plans:
        for index, target in enumerate(plan.columns):
            if target.startswith(PREFIX):
                name = settled[plan.kind, target].name if (plan.kind, target) in settled else target
                plan.columns[index] = name
                if name not in kinds[plan.kind].by_name:
                    plan.lose_field(index, kinds[plan.kind].catch_all)


def kinds_with(pipeline: Pipeline, own_fields: Sequence[OwnField], bundle: Bundle) -> dict[str, Kind]:
    """Return every kind, with the stages and the fields that the file brings along beside the person's own."""
    return kinds_for(joined(pipeline, bundle.stages), joined_fields(own_fields, bundle.own_fields))
