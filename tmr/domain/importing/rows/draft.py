"""What a row of a table holds, once it is read."""

import datetime as dt
from typing import Protocol

import msgspec

from tmr.domain.fields.type import Wire

Values = dict[str, Wire]


class Step(msgspec.Struct, frozen=True):
    """An application has reached a stage: at an instant (ISO 8601, UTC), or ``""`` where the file does not say when."""

    stage: str
    happened_at: str
    text: str = ""


class Row(msgspec.Struct):
    """What was read of a row so far: texts by field, and lines for the notes.

    ``own_lines`` are notes of the file itself, ``labelled`` what columns without a field say, ``left`` what a field
    could not take, ``told`` what says more than the field that took it. ``ticked`` are the stages of columns such as
    “Interview?” that say yes. ``others`` are further people, each by the number of their columns' group.
    """

    texts: dict[str, str] = {}
    left: list[str] = []
    told: list[str] = []
    own_lines: list[str] = []
    labelled: list[str] = []
    saved_on: dt.datetime | None = None
    person: dict[str, str] = {}
    others: dict[int, dict[str, str]] = {}
    steps: list[Step] = []
    ticked: list[str] = []
    reference: str = ""
    link_behind_title: str = ""
    link_behind_company: str = ""


class Draft(msgspec.Struct):
    """What a row holds: values, its number in an export, its own times if it has any, and why it cannot be imported.

    ``is_noted`` says that something went to the notes because no field could take it. ``given`` are the fields that the
    row itself filled. ``aside`` says why a row is no record at all, such as a heading. ``person`` are the fields of the
    contact that it names, ``others`` those of further people, ``steps`` the stages that it says were reached,
    ``reference`` the number of the posting, ``apart`` what columns without a field say, which may set it apart.
    """

    values: Values
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    error: str = ""
    number: str = ""
    is_noted: bool = False
    given: set[str] = set()
    aside: str = ""
    person: dict[str, str] = {}
    others: list[dict[str, str]] = []
    steps: list[Step] = []
    reference: str = ""
    apart: str = ""

    @property
    def brought(self) -> Values:
        """The values that the row itself gave; all others are the defaults of a new record."""
        return {name: self.values[name] for name in self.given}


class Linker(Protocol):
    """Finds what a row links to."""

    def by_number(self, key: str, number: str) -> str | None:
        """Return the id of the record of a kind that has this number in the export, or of a file by its path."""

    def by_name(self, key: str, words: str) -> list[str]:
        """Return the ids of all records of a kind that these words can mean."""


class NoLinks:
    """Finds nothing: for tables of kinds without links."""

    def by_number(self, key: str, number: str) -> str | None:  # noqa: ARG002
        """Return None."""
        return None

    def by_name(self, key: str, words: str) -> list[str]:  # noqa: ARG002
        """Return nothing."""
        return []
