"""What the page of a proposed import shows."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.types.stages import StageChoice
from tmr.domain.importing.headers import targets
from tmr.domain.importing.plan import ADD, SKIP, UPDATE, Plan
from tmr.domain.importing.readers.dates import ORDERS
from tmr.records.imports.choices import prefix_of
from tmr.records.imports.rows import Result
from tmr.records.imports.run import Bundle


class PartView(msgspec.Struct):
    """One table of a proposal: columns with their samples, words, dates."""

    kind: Kind
    plan: Plan
    prefix: str

    date_orders = ORDERS

    @property
    def stages(self) -> tuple[tuple[str, str], ...]:
        """Everything that a status word can mean: keys and names of stages."""
        field = self.kind.stage_field
        return field.type.options if field and isinstance(field.type, StageChoice) else ()

    @property
    def targets(self) -> list[tuple[str, str]]:
        """Everything that a column can be mapped to: targets and their labels."""
        return targets(self.kind)

    @property
    def columns(self) -> list[tuple[int, str, str, list[str]]]:
        """The number, header, target and up to three values of each column."""
        samples = [[row[index] for row in self.plan.preview if row[index].strip()][:3] for index in self._numbers]
        return [
            (index, self.plan.table.header[index], self.plan.columns[index], samples[index]) for index in self._numbers
        ]

    @property
    def _numbers(self) -> range:
        return range(len(self.plan.columns))


class ImportView(msgspec.Struct):
    """A proposal: its tables, and the counts of what would happen."""

    id: UUID
    parts: list[PartView]
    would: Result
    kinds: list[tuple[str, str]]

    duplicate_choices = (
        (SKIP, "Skip it"),
        (UPDATE, "Update it"),
        (ADD, "Add a copy"),
    )

    @property
    def first(self) -> Plan:
        """The plan of the first table, for the choices that are the same in all tables."""
        return self.parts[0].plan

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(part.plan.rows for part in self.parts)

    @property
    def what(self) -> str:
        """What the rows are, in the plural: “records” if there are several kinds."""
        names = {part.kind.plural for part in self.parts if part.plan.rows} or {"applications"}
        return names.pop() if len(names) == 1 else "records"

    @classmethod
    def of(cls, import_id: UUID, kinds: Mapping[str, Kind], bundle: Bundle, would: Result) -> "ImportView":
        """Return the view of a proposal; ``would`` is what the import would do as it is planned now."""
        parts = [PartView(kinds[plan.kind], plan, prefix_of(place)) for place, plan in enumerate(bundle.plans)]
        return cls(import_id, parts, would, [(kind.plural, kind.heading) for kind in kinds.values()])
