"""What the page of a proposed import shows."""

from uuid import UUID

import msgspec

from tmr.domain.importing.aliases import targets
from tmr.domain.importing.dates import ORDERS
from tmr.domain.importing.plan import ADD, SKIP, UPDATE, Plan
from tmr.domain.kinds import Kind
from tmr.domain.pipeline import STAGES
from tmr.records.importing import Result


class ImportView(msgspec.Struct):
    """A proposal: columns with their samples, words, dates, counts."""

    kind: Kind
    id: UUID
    plan: Plan
    would: Result

    date_orders = ORDERS
    stages = tuple((stage.key, stage.label) for stage in STAGES)
    duplicate_choices = (
        (SKIP, "Leave them as they are"),
        (UPDATE, "Update what is stored"),
        (ADD, "Add them once more"),
    )

    @property
    def targets(self) -> list[tuple[str, str]]:
        """All that a column can be mapped to."""
        return targets(self.kind)

    @property
    def columns(self) -> list[tuple[int, str, str, list[str]]]:
        """Number, header, target and the first values of each column."""
        samples = [[row[index] for row in self.plan.preview if row[index].strip()][:3] for index in self._numbers]
        return [
            (index, self.plan.table.header[index], self.plan.columns[index], samples[index]) for index in self._numbers
        ]

    @property
    def _numbers(self) -> range:
        return range(len(self.plan.columns))
