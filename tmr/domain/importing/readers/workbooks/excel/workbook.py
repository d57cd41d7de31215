"""Excel workbooks (XLSX, XLSM): which sheets there are, and what each holds."""

import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import chain, islice
from urllib.parse import unquote

import msgspec

from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.workbooks.drop_downs import ReadSheet
from tmr.domain.importing.readers.workbooks.excel.cells import ExcelCells
from tmr.domain.importing.readers.workbooks.excel.comments import THREAD, comments_of
from tmr.domain.importing.readers.workbooks.excel.values import Styles, Values, shared_texts, styles_of
from tmr.domain.importing.readers.workbooks.safe_xml import Handler, read_xml
from tmr.domain.importing.readers.workbooks.sheet import (
    CHART,
    MAX_LISTED,
    MAX_SHEETS,
    NO_TABLE,
    TOO_LARGE_BOOK,
    TOO_MANY,
    Budget,
    Grid,
)

MAX_LINKS = 200_000
MAX_NAMES = 5_000
MAX_COMMENT_PARTS = 8  # of a sheet, which has one of each kind


class _Part(msgspec.Struct):
    """What a relationship leads to. ``kind`` is the last word of its type, such as ``worksheet``."""

    kind: str
    target: str
    is_outside: bool


class _Listed(msgspec.Struct):
    """A sheet as the workbook lists it."""

    name: str
    part_id: str
    is_hidden: bool


class ExcelWorkbook:
    """A workbook whose parts ``read`` returns by name. It raises what ``read_xml`` does, and ``ValueError``."""

    def __init__(self, path: str, names: Collection[str], read: Callable[[str], bytes]) -> None:
        self._names = {name.replace("\\", "/").lower(): name for name in names}
        self._read = read
        self._path = path.replace("\\", "/")
        self._parts = self._related(self._path)
        self._listing = _Listing()
        read_xml(read(path), self._listing)
        if not self._listing.sheets:
            raise ValueError("no sheets")

    def sheets(self) -> Iterator[ReadSheet]:
        """Yield each sheet in the order of the workbook; of more than 20 tables, the later ones without their cells."""
        values = Values(self._shared(), self._styles(), is_mac=self._listing.is_mac)
        budget, read = Budget(), 0
        for listed in self._listing.sheets:
            part = self._parts.get(listed.part_id)
            if part is None or (part.kind == "worksheet" and part.target.lower() not in self._names):
                raise ValueError("a sheet that is not there")
            if part.kind != "worksheet":
                yield ReadSheet(listed.name, left_out=CHART if part.kind == "chartsheet" else NO_TABLE)
            elif read >= MAX_SHEETS:
                yield ReadSheet(listed.name, left_out=TOO_MANY)
            else:
                read += 1
                yield self._sheet(listed, part.target, values, budget)

    def _sheet(self, listed: _Listed, path: str, values: Values, budget: Budget) -> ReadSheet:
        related = self._related(path)
        links = {key: part.target for key, part in related.items() if part.kind == "hyperlink"}
        cells = ExcelCells(Grid(budget), values, links)
        read_xml(self._read_part(path), cells)
        self._add_comments(cells.grid, related.values())
        rows, template_rows = cells.grid.finish()
        return ReadSheet(
            listed.name,
            rows,
            template_rows,
            is_hidden=listed.is_hidden,
            has_drawing=cells.has_drawing,
            lists=frozenset(self._listing.names.get(text, text) for text in cells.lists),
            comments=cells.grid.unplaced,
        )

    def _add_comments(self, grid: Grid, related: Iterable[_Part]) -> None:
        """Add what people wrote on cells: threads where there are any, which the older form only points to."""
        paths: dict[str, dict[str, None]] = {"threadedComment": {}, "comments": {}}
        for part in related:
            if part.kind in paths and part.target.lower() in self._names:
                paths[part.kind][part.target] = None
        found = {
            kind: [comments_of(self._read_part(path)) for path in islice(of_kind, MAX_COMMENT_PARTS)]
            for kind, of_kind in paths.items()
        }
        threads = {place for comments in found["threadedComment"] for place, _ in comments}
        for place, text in chain(*found["threadedComment"], *found["comments"]):
            if place not in threads or not text.startswith(THREAD):
                grid.comment(*place, text)

    def _shared(self) -> list[str]:
        return next((shared_texts(self._read_part(path)) for path in self._paths("sharedStrings")), [])

    def _styles(self) -> Styles:
        return next((styles_of(self._read_part(path)) for path in self._paths("styles")), Styles())

    def _paths(self, kind: str) -> Iterator[str]:
        """Yield where parts of a kind are: where the workbook says, else where they usually are."""
        for path in (*(part.target for part in self._parts.values() if part.kind == kind), f"xl/{kind}.xml"):
            if path.lower() in self._names:
                yield path

    def _read_part(self, path: str) -> bytes:
        return self._read(self._names[path.lower()])

    def _related(self, path: str) -> dict[str, _Part]:
        """Return what a part relates to, by id. Paths that leave the archive are found nowhere in it."""
        folder, name = posixpath.split(path)
        listed = f"{folder}/_rels/{name}.rels"
        if listed.lower() not in self._names:
            return {}
        handler = _Relationships(folder)
        read_xml(self._read_part(listed), handler)
        return handler.parts


class _Relationships(Handler):
    """Handles a list of relationships."""

    def __init__(self, folder: str) -> None:
        self.parts: dict[str, _Part] = {}
        self._folder = folder

    def start(self, name: str, attributes: dict[str, str], /) -> None:
        if name != "Relationship":
            return
        if len(self.parts) > MAX_LINKS:
            raise FileRefusedError(TOO_LARGE_BOOK)
        target, is_outside = attributes.get("Target", ""), attributes.get("TargetMode") == "External"
        if not is_outside:
            inside = unquote(target).replace("\\", "/")
            target = posixpath.normpath(posixpath.join("/", self._folder, inside)).lstrip("/")
        kind = attributes.get("Type", "").rpartition("/")[2]
        self.parts[attributes.get("Id", "")] = _Part(kind, target, is_outside)


class _Listing(Handler):
    """Handles ``workbook.xml``: the sheets, the names of ranges, and how dates count."""

    def __init__(self) -> None:
        self.sheets: list[_Listed] = []
        self.names: dict[str, str] = {}
        self.is_mac = False
        self._name = ""
        self._pieces: list[str] = []

    def start(self, name: str, attributes: dict[str, str], /) -> None:
        if name == "sheet":
            part_id = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            is_hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append(_Listed(attributes.get("name", ""), part_id, is_hidden))
            if len(self.sheets) > MAX_LISTED:
                raise FileRefusedError(TOO_LARGE_BOOK)
        elif name == "workbookPr":
            self.is_mac = attributes.get("date1904") in ("1", "true")
        elif name == "definedName" and len(self.names) < MAX_NAMES:
            self._name, self._pieces = attributes.get("name", ""), []

    def end(self, name: str, /) -> None:
        if name == "definedName" and self._name:
            self.names[self._name] = "".join(self._pieces)[:500]
            self._name = ""

    def text(self, piece: str, /) -> None:
        if self._name:
            self._pieces.append(piece)
