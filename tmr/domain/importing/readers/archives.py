"""ZIP files that people bring: our own export, LinkedIn's, Huntr's, Notion's, and workbooks; opened within limits."""

import hashlib
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import IO
from xml.parsers.expat import ExpatError

import msgspec

from tmr.domain.fields.files import MAX_FILE_BYTES
from tmr.domain.fields.own import OwnField
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.headers import known_headers
from tmr.domain.importing.readers.encodings.detection import encoding_of, open_text
from tmr.domain.importing.readers.workbooks.drop_downs import sorted_out
from tmr.domain.importing.readers.workbooks.excel.old import is_old_excel, old_excel_sheets
from tmr.domain.importing.readers.workbooks.excel.xml_2003 import xml_workbook_sheets
from tmr.domain.importing.readers.workbooks.open_documents import open_document_sheets
from tmr.domain.importing.readers.workbooks.sheet import Sheet, left_out_of
from tmr.domain.kinds import KINDS
from tmr.domain.pipeline.stage import Stage
from tmr.domain.saved_views import SavedView

MAX_ENTRIES = 10_000
MAX_UNPACKED = 64 * 1024 * 1024
MAX_MANIFEST_BYTES = 4 * 1024 * 1024  # of as many entries as a ZIP may have, each with a checksum
MAX_SETTINGS_BYTES = 4 * 1024 * 1024  # two hundred fields may have a hundred choices each
MAX_INSIDE, MAX_OLD_INSIDE = 20, 3  # workbooks and ZIPs in one; each old workbook may take ten seconds
FILES_RATIO = 8  # documents hardly shrink: together they may not unpack to many times the archive's size
MAX_SHRUNK = 100 * 1024 * 1024
MAX_RATIO = 200  # for entries larger than FREE_BYTES: a small one may well be one word many times
FREE_BYTES = 8 * 1024 * 1024
SIGNATURE = b"PK\x03\x04"
# What zipfile and the decompressors raise for a broken or hostile file; NotImplementedError is a RuntimeError.
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, RuntimeError, EOFError, ValueError, LookupError)
DAMAGED = "This ZIP is damaged and can't be opened."
NOT_KNOWN = (
    "This ZIP has no table that can be imported. Exports from TrackMyRoles, LinkedIn and Huntr work. Unpack any other "
    "ZIP and import the CSV file inside."
)
TOO_MUCH = "This ZIP unpacks to far more than any export holds. Nothing was changed."
DAMAGED_BOOK = "This workbook is damaged or password-protected and can't be opened. Save it as XLSX or CSV without one."
NOT_READ = "This is an old Excel or Word file, and no table in it can be read. Save it as XLSX or CSV and import that."
NUMBERS = "This is a Numbers document. In Numbers, choose File > Export To > Excel or CSV, and import that file."
EXPORT_INSIDE = "This ZIP has a TrackMyRoles export in it. Unpack it once and import the ZIP file inside."
TOO_MANY_INSIDE = f"This ZIP has more than {MAX_INSIDE} files in it that would have to be unpacked."
NO_SHEET = "No sheet in this workbook has a table. It should have a header row, then one row per application."
_EXCEL = re.compile(r"xl[/\\]workbook\d*\.xml", re.IGNORECASE)
_OPEN_DOCUMENT = b"application/vnd.oasis.opendocument.spreadsheet"
_IGNORED = re.compile(r"(?:^|/)(?:__MACOSX/.*|\.DS_Store|\._[^/]*|Thumbs\.db|desktop\.ini)$|/$", re.IGNORECASE)


class _Entry(msgspec.Struct):
    sha256: str


class ExportSettings(msgspec.Struct):
    """The part of an export's settings that an import takes: what the records refer to, and the saved views."""

    stages: list[Stage] = []
    own_fields: list[OwnField] = []
    views: list[SavedView] = []


class _Manifest(msgspec.Struct):
    format: str
    files: dict[str, _Entry]


def is_zip(content: bytes) -> bool:
    """Whether ``content`` is a ZIP, whatever its name says."""
    return content.startswith(SIGNATURE)


class Archive:
    """A ZIP, opened within limits. Every method raises ``FileRefusedError`` for what is damaged or far too large.

    One inside another counts against the limits of ``outer``.
    """

    def __init__(self, file: IO[bytes], outer: "Archive | None" = None) -> None:
        size = file.seek(0, io.SEEK_END)
        self._file = file
        self._limits: _Limits = outer._limits if outer else _Limits()
        self._left_for_files = size * FILES_RATIO + MAX_SHRUNK
        self._is_inside = outer is not None
        self._found: _Found | None = None
        try:
            _count_entries(file, size)
            self._zipped = zipfile.ZipFile(file)
        except DAMAGE as error:
            if isinstance(error, FileRefusedError):
                raise
            raise FileRefusedError(DAMAGED) from None
        self.names = self._zipped.namelist()
        self._limits.entries -= len(self.names)
        if self._limits.entries < 0 or len(set(self.names)) != len(self.names):
            raise FileRefusedError(NOT_KNOWN)
        self._manifest = self._own_manifest()

    @property
    def is_own(self) -> bool:
        """Whether this is our own export, by its manifest."""
        return self._manifest is not None

    @property
    def is_workbook(self) -> bool:
        """Whether this is a spreadsheet."""
        return self._excel is not None or self._is_binary_excel or self._is_open_document

    @property
    def _is_binary_excel(self) -> bool:
        return any(name.lower() == "xl/workbook.bin" for name in self.names)

    @property
    def _excel(self) -> str | None:
        return next((name for name in self.names if _EXCEL.fullmatch(name)), None)

    @property
    def _is_open_document(self) -> bool:
        if "mimetype" not in self.names or "content.xml" not in self.names:
            return False
        return self._guarded("mimetype", 1_000).startswith(_OPEN_DOCUMENT)

    def tables(self) -> list[str]:
        """Return the names of the tables; in our own export, each comes before those that link to it.

        A table may be an entry, a sheet of a workbook in this archive, or a table of a ZIP in it.
        """
        if self.is_own:
            names = [f"{plural}.csv" for plural in KINDS if f"{plural}.csv" in self.names]
            if not names:
                raise FileRefusedError(NOT_KNOWN)
            return names
        if "[Content_Types].xml" in self.names:
            raise FileRefusedError("This is a Word file or similar, not a table. Export your list as CSV or XLSX.")
        if any(name.lower().endswith(".iwa") for name in self.names):
            raise FileRefusedError(NUMBERS)
        found = self._search()
        if not found.tables:
            raise found.problems[0] if found.problems else FileRefusedError(NOT_KNOWN)
        return list(found.tables)

    @property
    def passed_over(self) -> list[str]:
        """The names of what ``tables`` does not return: pages, pictures, sheets without records, each once."""
        return [] if self.is_own else self._search().passed_over

    @property
    def has_inner_tables(self) -> bool:
        """Whether a table is not an entry of its own, but in a workbook or a ZIP in this archive."""
        return not self.is_own and any(content is not None for content in self._search().tables.values())

    def _search(self) -> "_Found":
        if self._found is None:
            self._found = _Found()
            taken = {name.lower() for name in self.names}
            for name in self.names:
                if not _IGNORED.search(name):
                    self._look_at(name, self._found, taken)
        return self._found

    def _look_at(self, name: str, found: "_Found", taken: set[str]) -> None:
        lower = name.lower()
        if lower.endswith(".csv") and f"{lower[:-4]}_all.csv" in taken:
            found.passed_over.append(name)  # Notion writes a view, and beside it all rows
        elif lower.endswith((".csv", ".tsv", ".tab")) or (lower.endswith(".txt") and _is_table(self.read(name))):
            found.tables[name] = None
        elif lower.endswith((".zip", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")) and not self._is_inside:
            self._look_into(name, found)
        else:
            found.passed_over.append(name)

    def _look_into(self, name: str, found: "_Found") -> None:
        """Add the tables of a workbook or a ZIP in this archive; one that cannot be opened is passed over."""
        try:
            content = self.read(name)
            if not found.may_open(content):
                raise FileRefusedError(TOO_MANY_INSIDE)
            tables, passed_over = self._tables_inside(content)
        except FileRefusedError as error:
            if str(error) == TOO_MUCH:
                raise
            found.problems.append(error)
            found.passed_over.append(name)
            return
        for inner_name, content in tables:
            found.tables[found.unique(f"{name}/{inner_name}")] = content
        found.passed_over += [f"{name}/{inner_name}" for inner_name in passed_over]

    def _tables_inside(self, content: bytes) -> tuple[list[tuple[str, bytes]], list[str]]:
        if is_old_excel(content):
            return _named(sheets_of_old_excel(content))
        inner = Archive(io.BytesIO(content), outer=self)
        if inner.is_own:
            raise FileRefusedError(EXPORT_INSIDE)
        if inner.is_workbook:
            return _named(inner.sheets())
        return [(name, inner.read(name)) for name in inner.tables()], inner.passed_over

    def read(self, name: str) -> bytes:
        """Return one table or entry; an entry of our own export must match the checksum in its manifest.

        Everything read from this archive counts against one limit, since many small entries can unpack to a lot.
        """
        if self._found and (content := self._found.tables.get(name)) is not None:
            return content
        content = self._guarded(name, self._limits.left)
        self._limits.left -= len(content)
        self._check_against_manifest(name, content)
        return content

    def read_file(self, name: str) -> bytes:
        """Return one document, checked like ``read``, but against limits of its own."""
        content = self._guarded(name, min(MAX_FILE_BYTES, self._left_for_files), may_shrink=True)
        self._left_for_files -= len(content)
        self._check_against_manifest(name, content)
        return content

    def _guarded(self, name: str, most: int, *, may_shrink: bool = False) -> bytes:
        try:
            return self._bounded(name, most, may_shrink=may_shrink)
        except DAMAGE as error:
            if isinstance(error, FileRefusedError):
                raise
            raise FileRefusedError(DAMAGED) from None

    def _bounded(self, name: str, most: int, *, may_shrink: bool = False) -> bytes:
        """Read one entry up to the limit, without believing the size that it claims."""
        info = self._zipped.getinfo(name)
        is_bomb = info.file_size > FREE_BYTES and info.file_size > info.compress_size * MAX_RATIO
        if info.file_size > most or (is_bomb and not may_shrink):
            raise FileRefusedError(TOO_MUCH)
        with self._zipped.open(info) as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise FileRefusedError(TOO_MUCH)
        return content

    def _own_manifest(self) -> _Manifest | None:
        if "manifest.json" not in self.names:
            return None
        try:
            manifest = msgspec.json.decode(self._bounded("manifest.json", MAX_MANIFEST_BYTES), type=_Manifest)
        except DAMAGE as error:
            if isinstance(error, FileRefusedError):
                raise
            return None
        if len(manifest.files) > MAX_ENTRIES:
            raise FileRefusedError(TOO_MUCH)
        return manifest if manifest.format.startswith(("tmr-export/1", "tmr-export/2")) else None

    def _check_against_manifest(self, name: str, content: bytes) -> None:
        if self._manifest is None:
            return
        entry = self._manifest.files.get(name)
        if entry is None or hashlib.sha256(content).hexdigest() != entry.sha256:
            raise FileRefusedError(f"{name} in this ZIP is not what was exported: its checksum doesn't match.")

    def settings(self) -> ExportSettings:
        """Return the settings in our own export; empty ones for other files, and where they are damaged."""
        if not self.is_own or "settings.json" not in self.names:
            return ExportSettings()
        try:
            return msgspec.json.decode(self._bounded("settings.json", MAX_SETTINGS_BYTES), type=ExportSettings)
        except DAMAGE:  # no reason to refuse the records: the import asks about stages that it does not know
            return ExportSettings()

    def sheets(self) -> list[Sheet]:
        """Return the sheets of a workbook in its order; those without a table of records say why they are left out.

        Raises:
            FileRefusedError: also if none has a table.
        """
        return _checked(self._sheets, DAMAGED_BOOK)

    def _sheets(self) -> list[Sheet]:
        if self._excel:
            # Imported here, since it brings openpyxl, which takes a fifth of a second, and few people bring a workbook.
            from tmr.domain.importing.readers.workbooks.excel.workbook import ExcelWorkbook

            return sorted_out(ExcelWorkbook(self._excel, self.names, self.read).sheets())
        if self._is_binary_excel:
            self._file.seek(0)
            return sorted_out(old_excel_sheets(self._file.read()))
        return sorted_out(open_document_sheets(self.read("content.xml")))


def sheets_of_old_excel(content: bytes) -> list[Sheet]:
    """Return the sheets of a workbook that is no ZIP, as ``Archive.sheets`` does.

    Raises:
        FileRefusedError: also if it is an old Word file.
    """
    return _checked(lambda: sorted_out(old_excel_sheets(content)), NOT_READ)


def sheets_of_xml_workbook(content: bytes) -> list[Sheet]:
    """Return the sheets of a workbook in one XML document, as ``Archive.sheets`` does."""
    return _checked(lambda: sorted_out(xml_workbook_sheets(content)), DAMAGED_BOOK)


def _checked(read: Callable[[], list[Sheet]], words: str) -> list[Sheet]:
    try:
        sheets = read()
    except (ExpatError, *DAMAGE) as error:
        if isinstance(error, FileRefusedError):
            raise
        raise FileRefusedError(words) from None
    if all(sheet.left_out for sheet in sheets):
        raise FileRefusedError(NO_SHEET)
    return sheets


class _Limits:
    """What may still be read, of an archive and those in it together."""

    def __init__(self) -> None:
        self.left = MAX_UNPACKED
        self.entries = MAX_ENTRIES


class _Found:
    """The tables in an archive, those that are no entries of their own with their content, and what is none."""

    def __init__(self) -> None:
        self.tables: dict[str, bytes | None] = {}
        self.passed_over: list[str] = []
        self.problems: list[FileRefusedError] = []
        self.opened = self.opened_apart = 0

    def may_open(self, content: bytes) -> bool:
        """Count a workbook or a ZIP inside the archive, and return whether there are few enough to open it."""
        self.opened += 1
        self.opened_apart += is_old_excel(content)
        return self.opened <= MAX_INSIDE and self.opened_apart <= MAX_OLD_INSIDE

    def unique(self, name: str) -> str:
        """Return ``name``, or one like it that no other table has."""
        while name in self.tables:
            name = f"{name.removesuffix('.csv')}_.csv"
        return name


def _named(sheets: list[Sheet]) -> tuple[list[tuple[str, bytes]], list[str]]:
    """Return the tables of a workbook by their names, and the names of what is left out, each with the reason."""
    tables = [(f"{sheet.name}.csv", sheet.csv) for sheet in sheets if not sheet.left_out]
    return tables, [f"{sheet.name} ({_why(sheet)})" for sheet in left_out_of(sheets)]


def _why(sheet: Sheet) -> str:
    return f"{sheet.rows} rows, {sheet.left_out}" if sheet.rows else sheet.left_out


def _is_table(content: bytes) -> bool:
    """Whether a text file is a table: its lines have as many tabs, or the first names columns that are known."""
    try:
        encoding = encoding_of(content)
    except FileRefusedError:
        return False
    lines = [line for line in _first_lines(content, encoding) if line.strip()]
    if len(lines) < 2:
        return False
    tabs = {line.rstrip("\r\n").count("\t") for line in lines}
    return (len(tabs) == 1 and min(tabs) > 0) or any(known_headers(lines[0].split(mark)) > 1 for mark in ",;|\t")


def _first_lines(content: bytes, encoding: str) -> Iterator[str]:
    text = open_text([content], encoding)
    for _ in range(20):
        yield text.readline(10_000)


def _count_entries(file: IO[bytes], size: int) -> None:
    """Refuse a ZIP with more entries than any export has, before its directory is read (APPNOTE 4.3.16)."""
    file.seek(max(0, size - 66_000))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at >= 0 and int.from_bytes(tail[at + 10 : at + 12], "little") > MAX_ENTRIES:
        raise FileRefusedError(NOT_KNOWN)
    file.seek(0)
