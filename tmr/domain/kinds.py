"""A kind of record: declared once, read by forms, grid, search, import, export and storage."""

from collections.abc import Mapping, Sequence
from functools import cached_property

from tmr.domain.field_types import Field, FieldType, ValueRefusedError, Wire

Values = Mapping[str, Wire]


class Kind:
    """The fields of a kind of record and its names.

    A field's ``number`` is its place in the stored array of its section and is never used again for another
    field. Number 0 of each section is the format's version; number 1 of the summary is the url's hash.
    ``is_column`` fields can stand in the grid and ``is_shown`` ones do by default; ``is_quick`` fields are in the line
    that adds a record; an ``is_due`` date stands out once it has passed; a field with ``together`` is edited in one
    cell with those it names.
    """

    def __init__(self, *, key: str, plural: str, title: str, heading: str, fields: Sequence[Field]) -> None:
        self.key = key
        self.plural = plural
        self.title = title
        self.heading = heading
        self.fields = tuple(fields)
        self.by_name = {field.name: field for field in self.fields}

    @cached_property
    def summary(self) -> tuple[Field, ...]:
        """Fields that lists, sorting and filters need."""
        return tuple(field for field in self.fields if field.section == "summary")

    @cached_property
    def detail(self) -> tuple[Field, ...]:
        """Long text and links, opened only for one record, a search or an export."""
        return tuple(field for field in self.fields if field.section == "detail")

    @cached_property
    def columns(self) -> tuple[Field, ...]:
        """Fields that the grid can show."""
        return tuple(field for field in self.summary if field.is_column)

    @cached_property
    def quick(self) -> tuple[Field, ...]:
        """Fields of the line that adds a record."""
        return tuple(field for field in self.fields if field.is_quick)

    @cached_property
    def shown(self) -> tuple[Field, ...]:
        """Columns of a grid that nobody has changed."""
        return tuple(field for field in self.columns if field.is_shown)

    @cached_property
    def by_word(self) -> dict[str, Field]:
        """Fields by every name a form may send: their own and their aliases."""
        return {name: field for field in self.fields for name in (field.name, *field.aliases)}

    @cached_property
    def url_field(self) -> Field | None:
        """The field whose address tells two records apart, if the kind has one."""
        return self.by_name.get("url")

    def title_of(self, values: Values) -> str:
        """Return the words by which a person knows a record."""
        return " · ".join(str(values[name]) for name in self.name_fields if values.get(name))

    @cached_property
    def name_fields(self) -> tuple[str, ...]:
        """The required fields: together they name a record."""
        return tuple(field.name for field in self.fields if field.is_required)

    def parse(self, texts: Mapping[str, str]) -> tuple[dict[str, Wire], dict[str, str]]:
        """Read the fields named in ``texts``; return the values, and an error for each that was refused."""
        values: dict[str, Wire] = {}
        errors: dict[str, str] = {}
        for field in self.fields:
            if field.name in texts:
                _parse_one(field, texts[field.name], values, errors)
        errors |= self.contradictions(values, errors)
        return values, errors

    def contradictions(self, values: Values, errors: Mapping[str, str]) -> dict[str, str]:
        """Return errors between fields that are fine each on its own."""
        low, high = values.get("salary_min"), values.get("salary_max")
        if not low or not high or "salary_max" in errors:
            return {}
        amount: FieldType = self.by_name["salary_max"].type
        return {"salary_max": "The most is less than the least."} if _less(amount, high, low) else {}

    def defaults(self) -> dict[str, Wire]:
        """Return the values of a record nobody has typed into yet."""
        return {field.name: field.type.parse(field.default) for field in self.fields}


def _less(kind_of: FieldType, one: Wire, other: Wire) -> bool:
    return bool(kind_of.sort_key(one) < kind_of.sort_key(other))  # type: ignore[operator]


def _parse_one(field: Field, text: str, values: dict[str, Wire], errors: dict[str, str]) -> None:
    try:
        value = field.type.parse(text)
    except ValueRefusedError as error:
        errors[field.name] = str(error)
        return
    if value is None and field.default:
        value = field.type.parse(field.default)
    if value is None and field.is_required:
        errors[field.name] = f"{field.label} is needed."
        return
    values[field.name] = value
