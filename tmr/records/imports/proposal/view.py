"""What the page of a proposed import shows."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.own import TYPE_LABELS
from tmr.domain.fields.type import Field, Wire
from tmr.domain.fields.types.stages import StageChoice
from tmr.domain.fields.types.texts import LongText
from tmr.domain.importing.headers import targets
from tmr.domain.importing.plan import ADD, NO_FIELD, ROWS_ARE_RECORDS, ROWS_ARE_STEPS, SKIP, UPDATE, Plan
from tmr.domain.importing.proposing.columns import BY_VALUES, IS_COUNTER, IS_EMPTY, TO_NOTES
from tmr.domain.importing.readers.dates import ORDERS
from tmr.domain.importing.readers.encodings.detection import ENCODINGS
from tmr.domain.importing.reading.bundle import MOST_ROWS, Bundle
from tmr.domain.importing.reading.choices import MOST_NAMED, prefix_of
from tmr.domain.importing.reading.made_fields import NEW
from tmr.records.imports.proposal.page_room import (
    COLUMNS,
    LESS_FOR_A_TABLE,
    LONGEST_HEADER,
    RECORDS,
    WORDS,
    Room,
    size_of,
    size_of_choice,
    size_of_facts,
)
from tmr.records.imports.run import Preview
from tmr.records.imports.tables.results import LikeRow, NamedRow, Result
from tmr.web.display.cells import shown
from tmr.web.display.money import pay

SHOWN_ROWS = 200
SHOWN_CHARS = 160
REASONS = {
    BY_VALUES: "Recognised by its values.",
    TO_NOTES: "No field for this, so it goes into the notes.",
    NO_FIELD: "The field that it was for is gone, or you have too many.",
    IS_COUNTER: "It only counts the rows.",
    IS_EMPTY: "It is empty.",
}


class ColumnView(msgspec.Struct, frozen=True):
    """One column: its number, header, target, up to three values, why it has that target, and the target's label.

    ``made_type`` is the type of a field that is made of it.
    """

    index: int
    header: str
    target: str
    samples: list[str]
    reason: str
    label: str
    made_type: str = ""


class StatusView(msgspec.Struct, frozen=True):
    """One word for a status, how else the file spells it, and its stage."""

    word: str
    spellings: list[str]
    stage: str

    @property
    def name(self) -> str:
        """What the word is called in the form."""
        return self.word[:MOST_NAMED]


class FirstRecord(msgspec.Struct, frozen=True):
    """One record as it will be: its name, and the label and the words of every other field that it has."""

    row: int
    title: str
    facts: list[tuple[str, str]]


class PartView(msgspec.Struct):
    """One table of a proposal: columns with their samples, words, dates, and its first records.

    ``columns``, ``statuses`` and ``first`` are those that the page has room for. ``other_columns`` are named only.
    """

    kind: Kind
    plan: Plan
    prefix: str
    shown: list[tuple[int, dict[str, Wire]]]
    names: Mapping[str, str]
    made: Mapping[str, str]
    columns: list[ColumnView] = []
    other_columns: list[ColumnView] = []
    statuses: list[StatusView] = []
    first: list[FirstRecord] = []

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
        tops = [(at, " · ".join(cells)[:LONGEST_HEADER]) for at, cells in enumerate(self.plan.top) if cells]
        rows = [(str(at + 1), f"Row {at + 1}: {words}") for at, words in tops]
        return [*rows, ("0", "No header: the first row is a record")]

    @property
    def more_clear(self) -> int:
        """How many words for statuses that have a stage there are beside those shown."""
        return len(self.plan.words) - len(self.statuses) - self.more_open

    @property
    def more_open(self) -> int:
        """How many that have none yet."""
        return len(self.plan.open_words) - sum(not status.stage for status in self.statuses)

    def all_columns(self) -> list[ColumnView]:
        """Return the columns, in the order of the file."""
        labels = dict(self.targets)
        return [self._column(index, labels) for index in range(len(self.plan.columns))]

    def all_statuses(self) -> list[StatusView]:
        """Return the words for statuses."""
        spelled: dict[str, list[str]] = {}
        for word, said in self.plan.spellings.items():
            spelled.setdefault(said, []).append(word)
        return [StatusView(word, spelled.get(word, []), stage) for word, stage in self.plan.words.items()]

    @property
    def unnamed(self) -> list[tuple[str, str, int, str]]:
        """Name, label and count of each required field that rows lack, and what they get instead."""
        return [
            (name, self.kind.by_name[name].label.lower(), count, self.plan.stand_ins.get(name, ""))
            for name, count in self.plan.unnamed.items()
        ]

    def first_records(self) -> list[FirstRecord]:
        """Return the first records, as they will be."""
        return [self._record(row, values) for row, values in self.shown]

    def _column(self, index: int, labels: Mapping[str, str]) -> ColumnView:
        samples = [row[index] for row in self.plan.preview if row[index].strip()][:3]
        target, reason = self.plan.columns[index], REASONS.get(self.plan.reason(index), "")
        header, label = self.plan.table.header[index][:LONGEST_HEADER], labels.get(target, "")
        return ColumnView(index, header, target, samples, reason, label, self.made.get(target, ""))

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
    def likes(self) -> list[tuple[str, LikeRow, tuple[tuple[str, str], ...]]]:
        """The first rows that look like a record: the name of the choice, the row, and what can become of it."""
        prefixes = {part.plan.entry: part.prefix for part in self.parts}
        add, skip, update = (ADD, "Add as a new round"), (SKIP, "Skip it"), (UPDATE, "Update that one")
        return [
            (f"{prefixes[row.entry]}like.{row.row}", row, (add, update, skip) if row.record_id else (add, skip))
            for row in self.would.likes[:SHOWN_ROWS]
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
        _fill([part for part in parts if part.plan.is_used], len(parts))
        choices = [(kind.plural, kind.heading) for kind in kinds.values()]
        return cls(import_id, bundle, parts, preview, choices)


def _fill(parts: Sequence[PartView], tables: int) -> None:
    """Give each table that is imported its share of the page: what has to be decided comes first, in all of them."""
    records = Room(RECORDS)
    for part in parts:
        part.first = [one for one in part.first_records() if records.takes(size_of_facts(one.title, one.facts))]
    asked = [part for part in parts if not part.plan.is_exact]
    words, columns = Room(WORDS), Room(COLUMNS - LESS_FOR_A_TABLE * tables)
    for is_open in (True, False):
        for part in asked:
            _add_statuses(part, words, is_open=is_open)
            _add_columns(part, columns, is_open=is_open)
    for part in asked:
        part.columns.sort(key=lambda column: column.index)


def _add_statuses(part: PartView, room: Room, *, is_open: bool) -> None:
    options = size_of_choice(part.stages)
    for view in part.all_statuses():
        if is_open == bool(view.stage):
            continue
        spelled = ", ".join(view.spellings[:3])[:SHOWN_CHARS]
        if not room.takes(options + size_of(view.name, view.name, view.name, spelled)):
            return
        part.statuses.append(view)


def _add_columns(part: PartView, room: Room, *, is_open: bool) -> None:
    options = size_of_choice(part.targets)
    for view in part.all_columns():
        if is_open == (view.index in part.plan.open_dates):
            samples = " · ".join(view.samples)[:SHOWN_CHARS]
            has_room = room.takes(options + size_of(view.header, view.header, samples))
            (part.columns if has_room else part.other_columns).append(view)
