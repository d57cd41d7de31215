"""ZIP files that people bring: our own export, LinkedIn's, Huntr's, and workbooks; opened within limits."""

import csv
import hashlib
import io
import lzma
import zipfile
import zlib
from typing import IO

import msgspec
from python_calamine import CalamineError, CalamineWorkbook

from tmr.domain.importing.aliases import known_headers
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.table import MAX_COLUMNS, MAX_ROWS
from tmr.domain.kinds import KINDS
from tmr.domain.pipeline import Stage

MAX_ENTRIES = 20_000
MAX_UNPACKED = 64 * 1024 * 1024
MAX_FILE_BYTES = 10 * 1024 * 1024
MAX_RATIO = 200  # asked of entries larger than FREE_BYTES: a small one may well be one word many times
FREE_BYTES = 8 * 1024 * 1024
SIGNATURE = b"PK\x03\x04"
# What zipfile and the decompressors raise for a broken or hostile file; NotImplementedError is a RuntimeError.
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, RuntimeError, EOFError, ValueError, LookupError)
DAMAGED = "This ZIP is damaged and cannot be opened."
NOT_KNOWN = (
    "This ZIP holds no table that is known here. Exports of TrackMyRoles, LinkedIn and Huntr are; else unpack it, and "
    "import the CSV file inside."
)
NO_SHEET = "No sheet of this workbook holds a table. It should have a header line, then a line per role."


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
        try:
            self._zipped = zipfile.ZipFile(file)
        except DAMAGE:
            raise FileRefusedError(DAMAGED) from None
        self.names = self._zipped.namelist()
        if len(self.names) > MAX_ENTRIES or len(set(self.names)) != len(self.names):
            raise FileRefusedError(NOT_KNOWN)
        self._manifest = self._own_manifest()

    @property
    def is_own(self) -> bool:
        """Whether this is an export of ours."""
        return self._manifest is not None

    @property
    def is_workbook(self) -> bool:
        """Whether this is a spreadsheet."""
        return any(name.lower() in ("xl/workbook.xml", "xl/workbook.bin") for name in self.names)

    def tables(self) -> list[str]:
        """Return the names of the entries that hold tables, in an order that links can follow."""
        if self.is_own:
            names = [f"{plural}.csv" for plural in KINDS if f"{plural}.csv" in self.names]
            if not names:
                raise FileRefusedError(NOT_KNOWN)
            return names
        if "[Content_Types].xml" in self.names:
            raise FileRefusedError("This is a Word file or the like, not a table. Export your list as CSV or XLSX.")
        names = [name for name in self.names if name.lower().endswith(".csv") and not name.startswith("__MACOSX")]
        if not names:
            raise FileRefusedError(NOT_KNOWN)
        return names

    def read(self, name: str, most: int = MAX_UNPACKED) -> bytes:
        """Return one entry; of our own export only what the manifest says it was."""
        try:
            content = self._bounded(name, most)
        except DAMAGE as error:
            if isinstance(error, FileRefusedError):
                raise
            raise FileRefusedError(DAMAGED) from None
        self._check(name, content)
        return content

    def _bounded(self, name: str, most: int) -> bytes:
        """Read one entry up to the limit, without believing the size that it claims."""
        info = self._zipped.getinfo(name)
        is_bomb = info.file_size > FREE_BYTES and info.file_size > info.compress_size * MAX_RATIO
        if info.file_size > most or is_bomb:
            raise FileRefusedError("This ZIP unpacks to far more than an export has. Nothing was changed.")
        with self._zipped.open(info) as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise FileRefusedError("This ZIP unpacks to far more than an export has. Nothing was changed.")
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

    def _check(self, name: str, content: bytes) -> None:
        if self._manifest is None:
            return
        entry = self._manifest.files.get(name)
        if entry is None or hashlib.sha256(content).hexdigest() != entry.sha256:
            raise FileRefusedError(f"{name} in this ZIP differs from what was exported: its checksum is another one.")

    def stages(self) -> list[Stage]:
        """Return the stages that an export of ours brings along; none for other files, and for damaged ones."""
        if not self.is_own or "settings.json" not in self.names:
            return []
        try:
            return msgspec.json.decode(self.read("settings.json"), type=_Settings).stages
        except msgspec.MsgspecError:
            return []

    def sheets(self) -> list[tuple[str, bytes]]:
        """Return each sheet of a workbook that holds a table, as CSV; those without one are left out."""
        try:
            workbook = CalamineWorkbook.from_filelike(io.BytesIO(self._repacked()))
            found = [(name, _rows(workbook, name)) for name in workbook.sheet_names[:20]]
        except (CalamineError, *DAMAGE) as error:
            if isinstance(error, FileRefusedError):
                raise
            raise FileRefusedError("This workbook is damaged or locked by a password, and cannot be opened.") from None
        filled = [(name, rows) for name, rows in found if len(rows) > 1]
        known = [(name, rows) for name, rows in filled if max(map(known_headers, rows[:20])) > 1]
        if not (known or filled):
            raise FileRefusedError(NO_SHEET)
        return [(f"{name}.csv", _as_csv(rows)) for name, rows in known or filled[:1]]

    def _repacked(self) -> bytes:
        """Return the same ZIP without compression, so that no other reader unpacks more than was checked here."""
        packed, left = io.BytesIO(), MAX_UNPACKED
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as again:
            for name in self.names:
                content = self.read(name, left)
                left -= len(content)
                again.writestr(name, content)
        return packed.getvalue()


def _rows(workbook: CalamineWorkbook, name: str) -> list[list[str]]:
    sheet = workbook.get_sheet_by_name(name)
    if sheet.height > MAX_ROWS + 50 or sheet.width > MAX_COLUMNS:
        raise FileRefusedError(f"The sheet “{name[:60]}” has more than {MAX_ROWS:,} rows or {MAX_COLUMNS} columns.")
    return [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=True)]


def _text(cell: object) -> str:
    """Return what a person sees in a cell: whole numbers without a point, dates as year-month-day."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, bool):
        return "Yes" if cell else "No"
    text = str(cell)
    return text.removesuffix(" 00:00:00") if hasattr(cell, "isoformat") else text


def _as_csv(rows: list[list[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue().replace("\0", "").encode("utf-8", errors="replace")
