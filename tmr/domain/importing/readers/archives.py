"""ZIP files that people bring: our own export, LinkedIn's, Huntr's, and workbooks; opened within limits."""

import csv
import hashlib
import io
import lzma
import re
import zipfile
import zlib
from typing import IO, Any

import msgspec

from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.headers import known_headers
from tmr.domain.importing.readers.table import MAX_CELL_CHARS, MAX_COLUMNS, MAX_ROWS
from tmr.domain.kinds import KINDS
from tmr.domain.pipeline.stage import Stage

MAX_ENTRIES = 10_000
MAX_UNPACKED = 64 * 1024 * 1024
MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_SETTINGS_BYTES = 64 * 1024
MAX_CELLS = 400_000
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
TOO_LARGE_SHEET = f"A sheet in this workbook has more than {MAX_ROWS:,} rows or {MAX_COLUMNS} columns."
NO_SHEET = "No sheet in this workbook has a table. It should have a header row, then one row per application."


class _Entry(msgspec.Struct):
    sha256: str


class _Settings(msgspec.Struct):
    stages: list[Stage] = []


class _Manifest(msgspec.Struct):
    format: str
    files: dict[str, _Entry]


def is_zip(content: bytes) -> bool:
    """Whether ``content`` is a ZIP, whatever its name says."""
    return content.startswith(SIGNATURE)


class Archive:
    """A ZIP, opened within limits. Every method raises ``FileRefusedError`` for what is damaged or far too large."""

    def __init__(self, file: IO[bytes]) -> None:
        size = file.seek(0, io.SEEK_END)
        self._left, self._left_for_files = MAX_UNPACKED, size * FILES_RATIO + MAX_SHRUNK
        try:
            _count_entries(file, size)
            self._zipped = zipfile.ZipFile(file)
        except DAMAGE as error:
            if isinstance(error, FileRefusedError):
                raise
            raise FileRefusedError(DAMAGED) from None
        self.names = self._zipped.namelist()
        if len(self.names) > MAX_ENTRIES or len(set(self.names)) != len(self.names):
            raise FileRefusedError(NOT_KNOWN)
        self._manifest = self._own_manifest()

    @property
    def is_own(self) -> bool:
        """Whether this is our own export, by its manifest."""
        return self._manifest is not None

    @property
    def is_workbook(self) -> bool:
        """Whether this is a spreadsheet."""
        return any(name.lower() == "xl/workbook.xml" for name in self.names)

    def tables(self) -> list[str]:
        """Return the names of the entries with tables; in our own export, each comes before those that link to it."""
        if self.is_own:
            names = [f"{plural}.csv" for plural in KINDS if f"{plural}.csv" in self.names]
            if not names:
                raise FileRefusedError(NOT_KNOWN)
            return names
        if "[Content_Types].xml" in self.names:
            raise FileRefusedError("This is a Word file or similar, not a table. Export your list as CSV or XLSX.")
        names = [name for name in self.names if name.lower().endswith(".csv") and not name.startswith("__MACOSX")]
        if not names:
            raise FileRefusedError(NOT_KNOWN)
        return names

    def read(self, name: str) -> bytes:
        """Return one entry; one of our own export must match the checksum in its manifest.

        Everything read from this archive counts against one limit, since many small entries can unpack to a lot.
        """
        content = self._guarded(name, self._left)
        self._left -= len(content)
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
            manifest = msgspec.json.decode(self._bounded("manifest.json", MAX_UNPACKED), type=_Manifest)
        except DAMAGE as error:
            if isinstance(error, FileRefusedError):
                raise
            return None
        return manifest if manifest.format.startswith(("tmr-export/1", "tmr-export/2")) else None

    def _check_against_manifest(self, name: str, content: bytes) -> None:
        if self._manifest is None:
            return
        entry = self._manifest.files.get(name)
        if entry is None or hashlib.sha256(content).hexdigest() != entry.sha256:
            raise FileRefusedError(f"{name} in this ZIP is not what was exported: its checksum doesn't match.")

    def stages(self) -> list[Stage]:
        """Return the stages in our own export; none for other files and for damaged settings."""
        if not self.is_own or "settings.json" not in self.names:
            return []
        try:
            content = self._bounded("settings.json", MAX_SETTINGS_BYTES)
            return msgspec.json.decode(content, type=_Settings).stages
        except DAMAGE:  # no reason to refuse the records: the import asks about stages that it does not know
            return []

    def sheets(self) -> list[tuple[str, bytes]]:
        """Return the name and CSV of each sheet with a table; sheets without one are left out."""
        # Imported here, since it takes a fifth of a second and few people bring a workbook.
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException

        try:
            workbook = load_workbook(io.BytesIO(self._repacked()), read_only=True, data_only=True, keep_links=False)
            budget = _Budget()
            sheets = [(name, budget.rows(workbook[name])) for name in workbook.sheetnames[:20]]
        except (InvalidFileException, SyntaxError, TypeError, AttributeError, *DAMAGE) as error:  # SyntaxError: bad XML
            if isinstance(error, FileRefusedError):
                raise
            raise FileRefusedError(DAMAGED_BOOK) from None
        filled = [(name, rows) for name, rows in sheets if len(rows) > 1]
        known = [(name, rows) for name, rows in filled if max(map(known_headers, rows[:20])) > 1]
        if not (known or filled):
            raise FileRefusedError(NO_SHEET)
        return [(f"{name}.csv", _as_csv(rows)) for name, rows in known or filled[:1]]

    def _repacked(self) -> bytes:
        """Return the same ZIP without compression, so that no other reader unpacks more than was checked here."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as again:
            for name in self.names:
                again.writestr(name, self.read(name))
        return packed.getvalue()


class _Budget:
    """Reads the rows of sheets, and counts cells and characters, so that no workbook is larger than a person's."""

    def __init__(self) -> None:
        self._cells, self._chars = 0, 0

    def rows(self, sheet: Any) -> list[list[str]]:
        """Return the rows of a sheet as a person sees them, without empty ones at the end.

        Raises:
            FileRefusedError: the sheet has too many rows or columns, or all sheets so far too many cells.
        """
        rows = [self._row(row) for row in sheet.iter_rows(max_row=MAX_ROWS + 51, values_only=True)]
        while rows and not rows[-1]:
            rows.pop()
        if len(rows) > MAX_ROWS + 50:
            raise FileRefusedError(TOO_LARGE_SHEET)
        return rows

    def _row(self, row: tuple[object, ...]) -> list[str]:
        if len(row) > MAX_COLUMNS and any(cell is not None for cell in row[MAX_COLUMNS:]):
            raise FileRefusedError(TOO_LARGE_SHEET)
        cells = [self._counted(cell) for cell in row[:MAX_COLUMNS]]
        while cells and not cells[-1]:
            cells.pop()
        return cells

    def _counted(self, cell: object) -> str:
        text = "" if cell is None else _text(cell)
        self._cells += bool(text)
        self._chars += len(text)
        if self._cells > MAX_CELLS or self._chars > MAX_UNPACKED or len(text) > MAX_CELL_CHARS:
            raise FileRefusedError("This workbook is too large. Save its sheet as CSV and import that instead.")
        return text


def _count_entries(file: IO[bytes], size: int) -> None:
    """Refuse a ZIP with more entries than any export has, before its directory is read (APPNOTE 4.3.16)."""
    file.seek(max(0, size - 66_000))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at >= 0 and int.from_bytes(tail[at + 10 : at + 12], "little") > MAX_ENTRIES:
        raise FileRefusedError(NOT_KNOWN)
    file.seek(0)


def _text(cell: object) -> str:
    """Return what a person sees in a cell: whole numbers without a point, dates as year-month-day."""
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**15:
        return str(int(cell))
    text = str(cell)
    if isinstance(cell, float) and re.fullmatch(r"-?\d+\.\d{3}", text):
        text += "0"  # 1.234 could be read as a thousand and more, but a number in a cell is a decimal
    return text.removesuffix(" 00:00:00") if hasattr(cell, "isoformat") else text


def _as_csv(rows: list[list[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().replace("\0", "").encode("utf-8", errors="replace")
