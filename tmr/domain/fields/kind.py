"""A kind of record: declared once, read by forms, grid, search, import, export and storage."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

from tmr.domain.fields.own import OwnField
from tmr.domain.fields.type import Field, FieldType, Names, ValueRefusedError, Wire
from tmr.domain.fields.types.links import FILE, Link, link_ids
from tmr.domain.fields.types.stages import PastStage, StageChoice
from tmr.domain.fields.types.texts import LongText
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE, Pipeline
from tmr.domain.pipeline.stage import Stage

Values = Mapping[str, Wire]
NO_NAMES: Names = {}


class Identity(msgspec.Struct, frozen=True):
    """What makes two records the same.

    They share any one field of ``unique``, or all of ``together`` unless a field of ``apart`` is filled in both and
    differs. A unique ``url`` is compared by where it leads. What is unique can all the same be shared by records that
    differ in a field of ``shared``: one page with all vacancies is the link of many roles. Records that are not the
    same look alike where the company and the title that ``alike`` names are much the same, or the link of one posting.
    """

    together: Sequence[str]
    unique: Sequence[str] = ()
    apart: Sequence[str] = ()
    shared: Sequence[str] = ()
    alike: tuple[str, str] | None = None


class Kind:
    """The fields of a kind of record and its names.

    A field's ``number`` is its place in the stored array of its section and is never used again for another
    field. Number 0 of each section is the format's version; number 1 of the summary is the url's hash.

    ``is_column`` fields can be columns of the grid and ``is_shown`` ones are by default; ``is_quick`` fields are in the
    line that adds a record; an ``is_due`` date is highlighted once it has passed; a field with ``together`` is edited
    with those it names, each under its ``short_label``; an ``is_fixed`` field is written by the app, never by a form.
    An amount is in the currency, and for the period, that the fields of its ``units`` hold.
    ``words`` are what other programs and languages call a field. An ``is_headline`` field is part of the head of a
    record's line on an application's page, or above an application's parts; ``is_in_panel`` text is below that head.

    ``role`` is what the app itself uses a field as: the day that an application was sent (``applied``), its
    ``deadline``, when to ``follow_up``, when a task is ``due``, when a person was last in touch (``contacted``).

    On an application's page records are ordered by ``sorted_by``, or by when they were added; what is done comes last.

    ``place`` orders the kinds; ``named_by`` are the fields that name a record (the required ones, if not given), and
    ``described_by`` those that a search shows beside the name, so that people know which one it is;
    ``icon`` is the path of a 16 by 16 drawing; ``settled`` says which fields show that a record needs nothing more: by
    one of these words, or by any value where there are none. A record is deleted and restored along with the one that
    its required link names.
    """

    def __init__(
        self,
        *,
        key: str,
        plural: str,
        title: str,
        heading: str,
        fields: Sequence[Field],
        place: int,
        icon: str,
        identity: Identity,
        named_by: Sequence[str] = (),
        described_by: Sequence[str] = (),
        shortcut: str = "",
        empty: str = "",
        sorted_by: str = "",
        is_newest_first: bool = False,
        settled: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.key, self.plural, self.title, self.heading = key, plural, title, heading
        self.place, self.icon, self.identity = place, icon, identity
        self.shortcut, self.empty, self.settled = shortcut, empty, dict(settled or {})
        self.sorted_by, self.is_newest_first = sorted_by, is_newest_first
        self.fields = tuple(fields)
        self.by_name = {field.name: field for field in self.fields}
        self.name_fields = tuple(named_by) or self.required
        self.described_by = tuple(described_by)
        self.own_fields: tuple[OwnField, ...] = ()

    def __repr__(self) -> str:
        return f"Kind({self.key!r})"

    def bound(self, pipeline: Pipeline, own_fields: Sequence[OwnField] = ()) -> "Kind":
        """Return this kind, as it was declared, with the stages of one person and those own fields that are its."""
        own = tuple(field for field in own_fields if field.kind == self.plural)
        if not own and all(field.type.bound(pipeline) is field.type for field in self.fields):
            return self
        bound = Kind.__new__(Kind)
        # Everything but the cached properties, which were computed from the other stages.
        bound.__dict__ = {
            name: value
            for name, value in self.__dict__.items()
            if not isinstance(vars(Kind).get(name), cached_property)
        }
        added = [field.as_field(number) for number, field in enumerate(own, self.first_own_number)]
        staged = [_with_stages(field, pipeline) for field in self.fields]
        at = next((place for place, field in enumerate(staged) if isinstance(field.type, LongText)), len(staged))
        bound.fields = (*staged[:at], *added, *staged[at:])  # before the long texts, which fill the end of a form
        bound.own_fields = own
        bound.by_name = {field.name: field for field in bound.fields}
        return bound

    @cached_property
    def memory(self) -> dict[Hashable, Any]:
        """What others worked out of this kind, for as long as it lives; what is one person’s goes with theirs."""
        return {}

    @cached_property
    def summary(self) -> tuple[Field, ...]:
        """Fields that lists, sorting and filters need."""
        return tuple(field for field in self.fields if field.section == "summary")

    @cached_property
    def declared_summary(self) -> tuple[Field, ...]:
        """The fields of the summary that are declared in the code."""
        return tuple(field for field in self.summary if not field.is_own)

    @cached_property
    def first_own_number(self) -> int:
        """The number of the first own field in an opened record: the one after those that are declared."""
        return max(field.number for field in self.declared_summary) + 1

    @cached_property
    def detail(self) -> tuple[Field, ...]:
        """Long text and links, opened only for one record, a search or an export."""
        return tuple(field for field in self.fields if field.section == "detail")

    @cached_property
    def summary_places(self) -> tuple[tuple[str, int], ...]:
        """The names of the declared fields of the summary, with their numbers."""
        return tuple((field.name, field.number) for field in self.declared_summary)

    @cached_property
    def detail_places(self) -> tuple[tuple[str, int], ...]:
        """The names of the fields of the detail, with their numbers."""
        return tuple((field.name, field.number) for field in self.detail)

    @cached_property
    def columns(self) -> tuple[Field, ...]:
        """Fields that the grid can show."""
        return tuple(field for field in self.summary if field.is_column)

    @cached_property
    def editable(self) -> tuple[Field, ...]:
        """Fields that a person can change."""
        return tuple(field for field in self.fields if not field.is_fixed)

    @cached_property
    def edited_together(self) -> tuple[tuple[Field, ...], ...]:
        """The editable fields in groups that are edited as one: pay with its currency, and most fields alone."""
        inner = {name for field in self.editable for name in field.together[1:]}
        leads = [field for field in self.editable if field.name not in inner]
        return tuple(tuple(self.by_name[name] for name in field.together) or (field,) for field in leads)

    @cached_property
    def quick(self) -> tuple[Field, ...]:
        """Fields of the line that adds a record."""
        return tuple(field for field in self.fields if field.is_quick)

    @cached_property
    def shown(self) -> tuple[Field, ...]:
        """The grid's columns until a person chooses others."""
        return tuple(field for field in self.columns if field.is_shown)

    @cached_property
    def by_word(self) -> dict[str, Field]:
        """Fields by every name a form may send: their own and their aliases."""
        return {name: field for field in self.editable for name in (field.name, *field.aliases)}

    @property
    def description(self) -> list[Field]:
        """The fields that a search shows beside the name."""
        return [self.by_name[name] for name in self.described_by]

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The fields without which there is no record."""
        return tuple(field.name for field in self.fields if field.is_required)

    @cached_property
    def links(self) -> tuple[Field, ...]:
        """Fields that hold ids: of other records, or of files."""
        return tuple(field for field in self.fields if isinstance(field.type, Link))

    @cached_property
    def record_links(self) -> tuple[Field, ...]:
        """Fields that hold ids of other records."""
        return tuple(field for field in self.links if _target(field) != FILE)

    @cached_property
    def file_links(self) -> tuple[Field, ...]:
        """Fields that hold ids of files."""
        return tuple(field for field in self.links if _target(field) == FILE)

    @cached_property
    def file_field(self) -> Field | None:
        """The field whose file a person uploads with the record."""
        return next((field for field in self.file_links if not field.type.is_many), None)  # type: ignore[attr-defined]

    @cached_property
    def openings(self) -> tuple[Field, ...]:
        """Declared fields whose values lead somewhere, for which the head of a record has buttons."""
        return tuple(field for field in self.fields if field.opens and not field.is_own)

    @cached_property
    def by_role(self) -> dict[str, Field]:
        """Fields by what the app itself uses them as."""
        return {field.role: field for field in self.fields if field.role}

    @cached_property
    def parent(self) -> Field | None:
        """The required link: a record is deleted and restored along with what it names."""
        return next((field for field in self.record_links if field.is_required), None)

    @cached_property
    def lead(self) -> Field:
        """The column whose cell opens the record."""
        return next((field for field in self.columns if field.name in self.name_fields), self.columns[0])

    @cached_property
    def stage_field(self) -> Field | None:
        """The field that holds the stage, if the kind has one that a person moves."""
        stages = (field for field in self.editable if isinstance(field.type, StageChoice))
        return next((field for field in stages if not isinstance(field.type, PastStage)), None)

    @cached_property
    def state_field(self) -> Field | None:
        """The field that says how far along a record is: its stage, else what settles it."""
        return self.stage_field or next((self.by_name[name] for name in self.settled), None)

    @cached_property
    def pipeline(self) -> Pipeline:
        """The stages that records of this kind go through, or the default ones for a kind without stages."""
        pipelines = (field.type.pipeline for field in self.fields if isinstance(field.type, StageChoice))
        return next(pipelines, DEFAULT_PIPELINE)

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages that records of this kind go through, retired ones too."""
        return self.pipeline.stages

    @cached_property
    def done_field(self) -> str:
        """The name of the field that says when a record was done; empty for kinds without one."""
        return next((name for name, words in self.settled.items() if not words), "")

    @cached_property
    def catch_all(self) -> str:
        """The name of the long text that takes what an import could not place elsewhere."""
        names = [field.name for field in self.detail if not field.is_fixed]
        return "notes" if "notes" in names else names[-1]

    def link_to(self, key: str) -> Field | None:
        """Return the field that links to a kind of that key, or None."""
        return next((field for field in self.record_links if _target(field) == key), None)

    def linked_ids(self, values: Values) -> list[str]:
        """Return every id that a record holds, of records and of files."""
        return [target_id for field in self.links for target_id in link_ids(values.get(field.name))]

    def files_of(self, values: Values) -> list[str]:
        """Return the ids of the files that a record holds."""
        return [file_id for field in self.file_links for file_id in link_ids(values.get(field.name))]

    def title_of(self, values: Values, names: Names = NO_NAMES) -> str:
        """Return the words by which a person knows a record; linked ones are called as ``names`` says."""
        return " · ".join(filter(None, (self.words(name, values, names) for name in self.name_fields))) or self.title

    def title_at(self, slots: Sequence[Wire], names: Names = NO_NAMES) -> str:
        """Return what ``title_of`` does, from the stored array of a summary: thousands are named at once."""
        filled = len(slots)
        words = [label(slots[at] if at < filled else None, names) for at, label in self._name_slots]
        return " · ".join(filter(None, words)) or self.title

    @cached_property
    def _name_slots(self) -> list[tuple[int, Callable[[Wire, Names], str]]]:
        fields = [self.by_name[name] for name in self.name_fields]
        return [(field.number, field.type.label_with) for field in fields]

    def words(self, name: str, values: Values, names: Names = NO_NAMES) -> str:
        """Return one value in the words that people read."""
        value, kind_of = values.get(name), self.by_name[name].type
        return kind_of.label_with(value, names)

    def parse(self, texts: Mapping[str, str]) -> tuple[dict[str, Wire], dict[str, str]]:
        """Read the fields named in ``texts``; return the values, and an error for each that was refused."""
        values: dict[str, Wire] = {}
        errors: dict[str, str] = {}
        for field in self.fields:
            if field.name in texts:
                _parse_one(field, texts[field.name], values, errors)
        errors |= self.contradictions(values, errors)
        return values, errors

    @cached_property
    def _bounded_fields(self) -> list[Field]:
        """The fields that must not be below another one."""
        return [field for field in self.fields if field.not_below]

    def contradictions(self, values: Values, errors: Mapping[str, str]) -> dict[str, str]:
        """Return an error for each field that is valid but does not fit another one, by its name."""
        problems = {}
        for field in self._bounded_fields:
            low, high = values.get(field.not_below), values.get(field.name)
            if low and high and field.name not in errors and _less(field.type, high, low):
                problems[field.name] = f"This must not be lower than “{self.by_name[field.not_below].label}”."
        return problems

    def defaults(self) -> dict[str, Wire]:
        """Return the values of a new record before anything is typed."""
        return {field.name: field.type.parse(field.default) for field in self.fields}


def pipeline_of_kind(kind: Kind) -> Pipeline:
    """Return the stages that a kind's records go through, or the default ones for a kind without stages."""
    return kind.pipeline


def _target(field: Field) -> str:
    return field.type.target if isinstance(field.type, Link) else ""


def _with_stages(field: Field, pipeline: Pipeline) -> Field:
    kind_of, default = field.type.bound(pipeline), field.default
    if kind_of is field.type:
        return field
    if default and pipeline.find(default) is None:
        default = pipeline.active[0].key
    return msgspec.structs.replace(field, type=kind_of, default=default)


def _less(kind_of: FieldType, value: Wire, other: Wire) -> bool:
    return bool(kind_of.sort_key(value) < kind_of.sort_key(other))  # type: ignore[operator]


def _parse_one(field: Field, text: str, values: dict[str, Wire], errors: dict[str, str]) -> None:
    try:
        value = field.type.parse(text)
    except ValueRefusedError as error:
        errors[field.name] = str(error)
        return
    if value is None and field.default:
        value = field.type.parse(field.default)
    if value is None and field.is_required:
        errors[field.name] = field.missing or f"Enter a value for “{field.label}”."
        return
    values[field.name] = value
