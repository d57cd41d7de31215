"""What comes of an import: counts, and by name every row, column, sheet and file that was not imported."""

from collections.abc import Sequence

import msgspec

from tmr.domain.importing.plan import table_name
from tmr.records.imports.proposal.page_room import ASIDES, Room, size_of

SHOWN_REJECTIONS = 50
SHOWN_NOTED = 10
SHOWN_TEXTS = 30  # of rows that are no records
MOST_LEFT_CHARS = 512 * 1024  # of all tables together: the page of imports opens the results of all that it lists
PROBLEM = "Problem found by TrackMyRoles"  # the header of the column that says why a row was left out


class PartCount(msgspec.Struct):
    """What came of the rows of one kind."""

    kind: str
    added: int
    updated: int
    skipped: int
    rejected: int


class NamedRow(msgspec.Struct):
    """A row that was not imported as it stands: its number in the file, what it is called, and why."""

    row: int
    name: str
    why: str
    entry: str = ""

    @property
    def place(self) -> str:
        """Where the row is, in words: its number, after its sheet or file if there are several."""
        return f"{table_name(self.entry)}, row {self.row}" if self.entry else f"Row {self.row}"


class LikeRow(NamedRow):
    """A row that looks like a record, or like an earlier row: ``why`` names that; ``choice`` is what becomes of it."""

    choice: str = ""
    record_id: str = ""  # empty for an earlier row, which is not stored yet


class LeftRows(msgspec.Struct):
    """The rows of one table that were not imported, as they stand in the file, each with its number and why."""

    entry: str
    header: list[str]
    rows: list[tuple[int, str, list[str]]] = []


class Result(msgspec.Struct):
    """What came of an import, in all and for each kind.

    ``linked`` counts records that rows brought beside themselves: contacts, and entries of timelines. ``skips`` are
    rows that repeat a record, ``likes`` the first of the ``alike`` rows that only look like one, ``asides`` rows that
    are no records, ``rejections`` rows that could not be imported;
    ``unread`` names columns, sheets and files that were not read at all. ``is_cut``: ``left`` lacks the later rows.
    """

    added: int = 0
    updated: int = 0
    skipped: int = 0
    rejected: int = 0
    rejections: list[tuple[int, str]] = []
    noted: int = 0
    noted_rows: list[int] = []
    undone: int = 0
    kept: int = 0
    parts: list[PartCount] = []
    linked: dict[str, int] = {}
    skips: list[NamedRow] = []
    likes: list[LikeRow] = []
    alike: int = 0
    asides: list[NamedRow] = []
    refusals: list[NamedRow] = []
    unread: list[str] = []
    left: list[LeftRows] = []
    is_cut: bool = False

    @property
    def tables_with_rows_left(self) -> list[LeftRows]:
        """The tables some of whose rows were not imported."""
        return [table for table in self.left if table.rows]

    @property
    def asides_in_short(self) -> list[tuple[str, str, int, str]]:
        """Reason, place, count and texts of the rows that are no records, by reason and table."""
        groups: dict[tuple[str, str], list[NamedRow]] = {}
        for row in self.asides:
            groups.setdefault((row.entry, row.why), []).append(row)
        room = Room(ASIDES)
        said = [(why, _places(entry, rows), entry, len(rows), _texts(rows)) for (entry, why), rows in groups.items()]
        return [
            (why, place, count, words)
            if room.takes(size_of(place, words))
            else (why, _counted(entry, count), count, "")
            for why, place, entry, count, words in said
        ]

    @property
    def changed(self) -> int:
        """How many records the import added or updated."""
        return self.added + self.updated + sum(self.linked.values())

    def include(self, kind: str, part: "Result") -> None:
        """Count the rows of one more table."""
        self.parts.append(PartCount(kind, part.added, part.updated, part.skipped, part.rejected))
        self.added += part.added
        self.updated += part.updated
        self.skipped += part.skipped
        self.rejected += part.rejected
        self.noted += part.noted
        self.noted_rows = [*self.noted_rows, *part.noted_rows][:SHOWN_NOTED]
        self.rejections = [*self.rejections, *part.rejections][:SHOWN_REJECTIONS]
        self.linked = {key: self.linked.get(key, 0) + part.linked.get(key, 0) for key in {**self.linked, **part.linked}}
        self.likes, self.alike = [*self.likes, *part.likes], self.alike + part.alike
        self.skips, self.asides = [*self.skips, *part.skips], [*self.asides, *part.asides]
        self.refusals, self.unread = [*self.refusals, *part.refusals], [*self.unread, *part.unread]
        self.left = [*self.left, *part.left]

    def bounded(self) -> "Result":
        """Return the result as it is kept: without the text of rows beyond what is worth keeping."""
        chars, self.likes = 0, []
        for table in self.left:
            for at, (_, why, cells) in enumerate(table.rows):
                chars += len(why) + sum(map(len, cells)) + 20
                if chars > MOST_LEFT_CHARS:
                    del table.rows[at:]
                    self.is_cut = True
                    break
        return self


def _texts(rows: Sequence[NamedRow]) -> str:
    """Return what rows say, in quotes and each once, as far as that is short."""
    texts = list(dict.fromkeys(row.name for row in rows if row.name))
    shown = "”, “".join(texts[:SHOWN_TEXTS])
    more = " and others" if len(texts) > SHOWN_TEXTS or len([row for row in rows if not row.name]) else ""
    return f"“{shown}”{more}" if shown else ""


def as_ranges(numbers: Sequence[int]) -> str:
    """Return row numbers in the shortest words: ``4, 7–12``."""
    ranges: list[list[int]] = []
    for number in sorted(numbers):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(f"{first}–{last}" if last > first else f"{first}" for first, last in ranges)


def _counted(entry: str, count: int) -> str:
    of = f"{table_name(entry)}, " if entry else ""
    return f"{of}{count:,} row{'s' if count != 1 else ''}"


def _places(entry: str, rows: Sequence[NamedRow]) -> str:
    if len(rows) == 1:
        return rows[0].place
    of = f"{table_name(entry)}, rows" if entry else "Rows"
    return f"{of} {as_ranges([row.row for row in rows])}"
