"""The plans of all tables in a file that is being imported."""

from collections.abc import Sequence

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.own import OwnField
from tmr.domain.importing.plan import Plan
from tmr.domain.importing.reading.own_fields import joined_fields
from tmr.domain.kinds import kinds_for
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

    @property
    def is_small(self) -> bool:
        """Whether it is done at once, while the person waits, and not through the queue."""
        return self.rows <= INLINE_ROWS and self.bytes <= INLINE_BYTES


def kinds_with(pipeline: Pipeline, own_fields: Sequence[OwnField], bundle: Bundle) -> dict[str, Kind]:
    """Return every kind, with the stages and the fields that the file brings along beside the person's own."""
    return kinds_for(joined(pipeline, bundle.stages), joined_fields(own_fields, bundle.own_fields))
