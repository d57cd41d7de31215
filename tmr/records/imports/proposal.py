"""What the page of a proposed import shows."""

from collections.abc import Mapping
from uuid import UUID

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.own import TYPE_LABELS
from tmr.domain.fields.type import Field, Wire
from tmr.domain.fields.types.stages import StageChoice
from tmr.domain.fields.types.texts import LongText
from tmr.domain.importing.headers import targets
from tmr.domain.importing.plan import ADD, ROWS_ARE_RECORDS, ROWS_ARE_STEPS, SKIP, UPDATE, Plan
from tmr.domain.importing.proposing.columns import BY_VALUES, IS_COUNTER, IS_EMPTY, TO_NOTES
from tmr.domain.importing.readers.dates import ORDERS
from tmr.domain.importing.readers.encodings.detection import ENCODINGS
from tmr.domain.importing.reading.bundle import MOST_ROWS, Bundle
from tmr.domain.importing.reading.choices import prefix_of
from tmr.domain.importing.reading.made_fields import NEW
from tmr.records.imports.run import Preview
from tmr.records.imports.tables.results import NamedRow, Result
from tmr.web.display.cells import shown
from tmr.web.display.money import pay

SHOWN_ROWS = 200
SHOWN_CHARS = 160
REASONS = {
    BY_VALUES: "Recognised by its values.",
    TO_NOTES: "No field for this, so it goes into the notes.",
    IS_COUNTER: "It only counts the rows.",
    IS_EMPTY: "It is empty.",
}


class ColumnView(msgspec.Struct, frozen=True):
    """One column: its number, header, target, up to three values, why it has that target; a new field's type."""

    index: int
    header: str
    target: str
    samples: list[str]
    reason: str
    made_type: str = ""


class StatusView(msgspec.Struct, frozen=True):
    """One word for a status, how else the file spells it, and its stage."""

    word: str
    spellings: list[str]
    stage: str


class FirstRecord(msgspec.Struct, frozen=True):
    """One record as it will be: its name, and the label and the words of every other field that it has."""

    row: int
    title: str
    facts: list[tuple[str, str]]


class PartView(msgspec.Struct):
    """One table of a proposal: columns with their samples, words, dates, and its first records."""

    kind: Kind
    plan: Plan
    prefix: str
    shown: list[tuple[int, dict[str, Wire]]]
    names: Mapping[str, str]
    made: Mapping[str, str]

    date_orders = ORDERS
    row_choices = (
        (ROWS_ARE_STEPS, "Each row is a step: rows of one application become its timeline"),
        (ROWS_ARE_RECORDS, "Each row is an application of its own"),
    )
    type_choices = tuple(TYPE_LABELS.items())
    use_choices = (("yes", "Import this table"), ("no", "Leave it out"))

    @property
    def stages(self) -> tuple[tuple[str, str], ...]:
        """Everything that a status word can mean: keys and names of stages."""
        field = self.kind.stage_field
        return field.type.options if field and isinstance(field.type, StageChoice) else ()

    @property
    def targets(self) -> list[tuple[str, str]]:
        """Everything that a column can be mapped to: targets and their labels, and a field that is made of it."""
        return [*targets(self.kind), (NEW, "Make a field of this column")]

    @property
    def header_choices(self) -> list[tuple[str, str]]:
        """The rows that may be the header: their numbers, from 1, and what they say; 0 for none."""
        rows = [(str(at + 1), f"Row {at + 1}: {' · '.join(cells)}") for at, cells in enumerate(self.plan.top) if cells]
        return [*rows, ("0", "No header: the first row is a record")]

    @property
    def columns(self) -> list[ColumnView]:
        """The columns, in the order of the file."""
        return [self._column(index) for index in range(len(self.plan.columns))]

    @property
    def statuses(self) -> list[StatusView]:
        """The words for statuses, those that have no stage yet first."""
        spelled: dict[str, list[str]] = {}
        for word, said in self.plan.spellings.items():
            spelled.setdefault(said, []).append(word)
        views = [StatusView(word, spelled.get(word, []), stage) for word, stage in self.plan.words.items()]
        return sorted(views, key=lambda view: bool(view.stage))

    @property
    def unnamed(self) -> list[tuple[str, str, int, str]]:
        """Name, label and count of each required field that rows lack, and what they get instead."""
        return [
            (name, self.kind.by_name[name].label.lower(), count, self.plan.stand_ins.get(name, ""))
            for name, count in self.plan.unnamed.items()
        ]

    @property
    def first(self) -> list[FirstRecord]:
        """The first records, as they will be."""
        return [self._record(row, values) for row, values in self.shown]

    def _column(self, index: int) -> ColumnView:
        samples = [row[index] for row in self.plan.preview if row[index].strip()][:3]
        target, reason = self.plan.columns[index], REASONS.get(self.plan.reason(index), "")
        return ColumnView(index, self.plan.table.header[index], target, samples, reason, self.made.get(target, ""))

    def _record(self, row: int, values: dict[str, Wire]) -> FirstRecord:
        told = {*self.kind.name_fields}
        facts: list[tuple[str, str]] = []
        for field in self.kind.editable:
            if field.name not in told and any(values.get(name) is not None for name in (field.name, *field.together)):
                told.update(field.together)
                facts.append((field.label, self._words(field, values)))
        return FirstRecord(row, self.kind.title_of(values, self.names), facts)

    def _words(self, field: Field, values: dict[str, Wire]) -> str:
        if field.together:
            return pay(values)
        if isinstance(field.type, LongText):
            return " ".join(str(values[field.name]).split())[:SHOWN_CHARS]
        return shown(field, values, self.names)


class ImportView(msgspec.Struct):
    """A proposal: its tables, and what would happen."""

    id: UUID
    bundle: Bundle
    parts: list[PartView]
    preview: Preview
    kinds: list[tuple[str, str]]

    duplicate_choices = (
        (SKIP, "Skip it"),
        (UPDATE, "Update it"),
        (ADD, "Add a copy"),
    )
    encodings = ENCODINGS
    most_rows = MOST_ROWS

    @property
    def would(self) -> Result:
        """The counts of what would happen, and what would be left out."""
        return self.preview.result

    @property
    def first(self) -> Plan:
        """The plan of the first table, for the choices that are the same in all tables."""
        return self.parts[0].plan

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return self.bundle.rows

    @property
    def skips(self) -> list[tuple[str, NamedRow, bool]]:
        """The first rows that repeat a record: the name of the box that adds it anyway, the row, if it is ticked."""
        prefixes = {part.plan.entry: part for part in self.parts}
        return [
            (f"{prefixes[row.entry].prefix}add.{row.row}", row, row.row in prefixes[row.entry].plan.added_anyway)
            for row in self.would.skips[:SHOWN_ROWS]
        ]

    @property
    def added_anyway(self) -> list[str]:
        """The names of the boxes of rows that are added although they repeat a record."""
        return [f"{part.prefix}add.{row}" for part in self.parts for row in part.plan.added_anyway]

    @property
    def what(self) -> str:
        """What the rows are, in the plural: “records” if there are several kinds."""
        names = {part.kind.plural for part in self.parts if part.plan.rows and part.plan.is_used} or {"applications"}
        return names.pop() if len(names) == 1 else "records"

    @classmethod
    def of(
        cls,
        import_id: UUID,
        kinds: Mapping[str, Kind],
        bundle: Bundle,
        preview: Preview,
        names: Mapping[str, str],
    ) -> "ImportView":
        """Return the view of a proposal; ``preview`` is what the import would do as it is planned now."""
        made = {field.name: field.type for field in bundle.own_fields if field.name in bundle.made}
        parts = [
            PartView(kinds[plan.kind], plan, prefix_of(place), preview.first.get(plan.entry, []), names, made)
            for place, plan in enumerate(bundle.plans)
        ]
        choices = [(kind.plural, kind.heading) for kind in kinds.values()]
        return cls(import_id, bundle, parts, preview, choices)
