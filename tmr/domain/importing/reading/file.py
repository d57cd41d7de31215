"""A file on its way in: its tables are found, and a proposal is made for each."""

import hashlib
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.fields.own import OwnField
from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.plan import Plan
from tmr.domain.importing.propose import propose
from tmr.domain.importing.proposing.header_row import NO_COLUMNS
from tmr.domain.importing.proposing.other_layouts import as_csv, tables_in
from tmr.domain.importing.readers.archives import (
    NOT_KNOWN,
    Archive,
    ExportSettings,
    is_zip,
    sheets_of_old_excel,
    sheets_of_xml_workbook,
)
from tmr.domain.importing.readers.encodings.detection import encoding_of, open_text
from tmr.domain.importing.readers.markdown import csv_of_markdown
from tmr.domain.importing.readers.workbooks.excel.old import is_old_excel
from tmr.domain.importing.readers.workbooks.excel.xml_2003 import is_xml_workbook
from tmr.domain.importing.readers.workbooks.html_tables import is_page, sheets_of_page
from tmr.domain.importing.readers.workbooks.sheet import NO_TABLE, Sheet, left_out_of
from tmr.domain.importing.reading.bundle import Bundle
from tmr.domain.importing.reading.own_fields import Headers, brought, joined_fields
from tmr.domain.importing.reading.staged import packed
from tmr.domain.importing.rows.pages import with_pages
from tmr.domain.kinds import KINDS, kinds_for
from tmr.domain.pipeline.changes import joined
from tmr.domain.pipeline.pipeline import Pipeline

MOST_TABLES, MOST_COLUMNS = 50, 600  # of a proposal in all: each table has a part of its page, each column a choice
LISTED_TABLES = 100
LISTED_FILES = 6
MOST_PAGES = 2_000
MOST_TABLES_WITH_PAGES = 10  # the pages are read for each
FEW_ROWS = 5
LISTED_LINES, LISTED_CHARS = 100, 300


class ReadFile(msgspec.Struct, frozen=True):
    """A file as it is to be kept, with a proposal for its tables."""

    content: bytes
    bundle: Bundle


def read_file(
    pipeline: Pipeline, content: bytes, encoding: str, wanted: str = "", own_fields: Sequence[OwnField] = ()
) -> ReadFile:
    """Read a file and propose how to import it. ``wanted`` is the plural of what its rows are.

    ``pipeline`` and ``own_fields`` are the stages and the fields of the person who brings it.

    Raises:
        FileRefusedError: it is no table, damaged or too large.
    """
    content, tables, settings, left_out, hidden = _tables(content, encoding)
    found = brought(own_fields, settings.own_fields)
    kinds = kinds_for(joined(pipeline, settings.stages), joined_fields(own_fields, found.fields))
    plans, not_read = _plans(kinds, tables, encoding, wanted, found.headers)
    _leave_out_hidden(plans, hidden)
    plans, beyond = _first(plans)
    plans.sort(key=lambda plan: list(KINDS).index(plan.kind))
    unpacked = max(len(content), sum(len(table) for _name, table in tables))
    bundle = Bundle(
        plans,
        unpacked,
        settings.stages,
        own_fields=found.fields,
        passed_over=[*_words_for(left_out), *not_read, *beyond],
    )
    bundle.leave_out_beyond()
    return ReadFile(content, bundle)


def _first(plans: list[Plan]) -> tuple[list[Plan], list[str]]:
    """Return the tables that one proposal has room for, those to be imported first; and in words, which it has not."""
    kept: list[Plan] = []
    beyond: list[Plan] = []
    columns = 0
    for plan in sorted(plans, key=lambda plan: not plan.is_used):
        columns += len(plan.columns)
        has_room = len(kept) < MOST_TABLES and (columns <= MOST_COLUMNS or not kept or plan.is_exact)
        (kept if has_room else beyond).append(plan)
    said = [f"{plan.name}: {plan.rows:,} rows, too many tables for one import" for plan in beyond[:LISTED_TABLES]]
    more = len(beyond) - len(said)
    in_order = [plan for plan in plans if any(plan is one for one in kept)]
    return in_order, [*said, *([f"{more:,} more tables"] if more else [])]


def _leave_out_hidden(plans: list[Plan], hidden: set[str]) -> None:
    """Leave the tables of hidden sheets out until the person brings them in, unless there are no others."""
    for plan in plans:
        plan.is_hidden = plan.entry in hidden
    if any(plan.is_used and not plan.is_hidden for plan in plans):
        for plan in plans:
            plan.is_used = plan.is_used and not plan.is_hidden


def _tables(
    content: bytes, encoding: str
) -> tuple[bytes, list[tuple[str, bytes]], ExportSettings, list[Sheet], set[str]]:
    """Return what to keep of a file, its tables by their names, its settings, and what is left out by itself.

    A file that is one table has no name for it. What is left out is a sheet, or an entry of a ZIP as a sheet without
    rows; each says why. Last come the names of the tables in hidden sheets.
    """
    if is_old_excel(content):
        return _of_sheets(sheets_of_old_excel(content))
    if is_xml_workbook(content):
        return _of_sheets(sheets_of_xml_workbook(content))
    if is_page(content):
        sheets, outside = sheets_of_page(content, encoding)
        if any(not sheet.left_out for sheet in sheets):
            kept, tables, settings, left_out, hidden = _of_sheets(sheets)
            return kept, tables, settings, [*left_out, *_lines_outside(outside)], hidden
    if not is_zip(content):
        table, outside = csv_of_markdown(content, encoding)
        tables = _laid_out([("", table or content)], encoding)
        return *_kept(tables), ExportSettings(), _lines_outside(outside), set()
    archive = Archive(io.BytesIO(content))
    if archive.is_workbook:
        return _of_sheets(archive.sheets())
    tables = [(name, archive.read(name)) for name in archive.tables()]
    tables = [(name, table) for name, table in tables if table.strip()]
    tables, placed = _with_pages(archive, tables)
    passed_over = [Sheet(name, b"", 0, _why_not_read(name)) for name in archive.passed_over if name not in placed]
    if archive.has_inner_tables or placed:
        return *_kept(tables), ExportSettings(), passed_over, set()
    return content, tables, archive.settings(), passed_over, set()


def _with_pages(archive: Archive, tables: list[tuple[str, bytes]]) -> tuple[list[tuple[str, bytes]], set[str]]:
    """Return the tables with the texts of the pages beside them, and the names of the pages that have a row."""
    names = [name for name in archive.passed_over if name.lower().endswith(".md")]
    if not names or len(names) > MOST_PAGES or len(tables) > MOST_TABLES_WITH_PAGES:
        return tables, set()
    try:
        pages = {name: archive.read(name).decode("utf-8", errors="replace") for name in names}
    except FileRefusedError:
        return tables, set()  # far too large: they are named
    found, placed = [], set()
    for name, table in tables:
        used = _encoding_of(table, "") if name.lower().endswith(".csv") else ""
        text, of_rows = with_pages(open_text([table], used).read(), pages) if used else ("", set())
        found.append((name, text.encode(used, errors="replace") if of_rows else table))
        placed |= of_rows
    return found, placed


def _lines_outside(lines: list[str]) -> list[Sheet]:
    """Return the lines of a page outside of its tables, as what is not read: each by its words, up to a number."""
    named = [Sheet(f"Outside the table: “{line[:LISTED_CHARS]}”", b"", 0) for line in lines[:LISTED_LINES]]
    more = len(lines) - len(named)
    return [*named, *([Sheet(f"Outside the table: {more:,} more lines", b"", 0)] if more else [])]


def _why_not_read(name: str) -> str:
    """Return why an entry of a ZIP is no table of the import, as far as its name says it."""
    ending = PurePosixPath(name).suffix.lower()
    return {".csv": "its rows are in another file of the ZIP", ".md": "a page", ".html": "a page"}.get(
        ending, "no table"
    )


def _of_sheets(sheets: list[Sheet]) -> tuple[bytes, list[tuple[str, bytes]], ExportSettings, list[Sheet], set[str]]:
    tables: list[tuple[str, bytes]] = []
    hidden: set[str] = set()
    for sheet in sheets:
        if not sheet.left_out:
            found = _laid_out([(f"{sheet.name}.csv", sheet.csv)], "utf-8", tables)
            tables += found
            hidden |= {name for name, _ in found} if sheet.is_hidden else set()
    return *_kept(tables), ExportSettings(), left_out_of(sheets), hidden


def _laid_out(
    tables: list[tuple[str, bytes]], encoding: str, before: Sequence[tuple[str, bytes]] = ()
) -> list[tuple[str, bytes]]:
    """Return the tables as rows of records, whatever their layout, and several in one text taken apart.

    None is called like one of those ``before``.
    """
    found: list[tuple[str, bytes]] = []
    for name, table in tables:
        used = _encoding_of(table, encoding)
        parts = tables_in(open_text([table], used).read()) if used else []
        of = name.removesuffix(".csv")
        for title, rows in parts:
            whole = " – ".join(filter(None, (of, title)))
            name_of_part = _unique(f"{whole}.csv" if whole else "", [*before, *found])
            found.append((name_of_part, as_csv(rows).encode(used, errors="replace")))
        found += [] if parts else [(name, table)]
    return found


def _encoding_of(table: bytes, encoding: str) -> str:
    try:
        return encoding_of(table, encoding)
    except FileRefusedError:
        return ""  # it is refused, with its reason, when it is proposed


def _unique(name: str, tables: list[tuple[str, bytes]]) -> str:
    taken = {other for other, _ in tables}
    while name in taken:
        name = f"{name.removesuffix('.csv')}_.csv"
    return name


def _kept(tables: list[tuple[str, bytes]]) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Return what to keep of tables that are no entries of a ZIP: the only one as it is, or a ZIP with them."""
    if len(tables) == 1:
        return tables[0][1], [("", tables[0][1])]
    return packed(tables), tables


def _plans(
    kinds: Mapping[str, Kind], tables: list[tuple[str, bytes]], encoding: str, wanted: str, headers: Headers
) -> tuple[list[Plan], list[str]]:
    """Propose how to read each table; return also, as words, which tables are not read, and why.

    Of several tables in another app's ZIP, only those whose layout is known are read.
    """
    plans, problems = [], []
    for name, table in tables:
        try:
            plans.append(_propose_one(kinds, name, table, encoding, wanted, headers))
        except FileRefusedError as error:
            problems.append((name, error))
    if problems and any(plan.is_exact for plan in plans):
        raise problems[0][1]  # no part of our own export is left out silently
    is_mixed = len(tables) > 1 and any(plan.preset for plan in plans)
    kept = [plan for plan in plans if plan.preset] if is_mixed else plans
    for plan in kept if len(kept) > 1 else ():
        plan.is_used = not _is_beside(kinds[plan.kind], plan)
    if not any(plan.is_used for plan in kept):
        for plan in kept:
            plan.is_used = True
    if not kept:
        raise problems[0][1] if problems else FileRefusedError(NOT_KNOWN)
    unknown = [f"{plan.name}: {plan.rows:,} rows, not a list of this kind" for plan in plans if plan not in kept]
    return kept, [*unknown, *(_problem(name, error) for name, error in problems)]


def _problem(name: str, error: FileRefusedError) -> str:
    """Return why one of several tables is not read; what is said of a whole file would be wrong of a sheet."""
    why = "no column names found" if str(error) == NO_COLUMNS else str(error).rstrip(".")
    return f"{name.removesuffix('.csv')}: {why}"


def _is_beside(kind: Kind, plan: Plan) -> bool:
    """Whether a table beside others has no column that names a record, such as a summary or a list of words."""
    naming = {*kind.required, *kind.identity.unique}
    return not plan.is_exact and not naming & set(plan.columns)


def _words_for(sheets: list[Sheet]) -> list[str]:
    """Return what is left out by itself, in words: many files of one type are counted, not listed."""
    said, by_type = [], Counter(_type_of(sheet) for sheet in sheets)
    for sheet in sheets:
        if by_type[_type_of(sheet)] <= LISTED_FILES:
            rows = f"{sheet.rows:,} row{'s' if sheet.rows != 1 else ''}, " if sheet.rows else ""
            said.append(f"{sheet.name}: {rows}{sheet.left_out}{_text_of(sheet)}" if sheet.left_out else sheet.name)
    many = {kind: count for kind, count in by_type.items() if count > LISTED_FILES}
    return [*said, *(f"{count:,} files of type {kind or 'unknown'}" for kind, count in many.items())]


def _text_of(sheet: Sheet) -> str:
    """Return what a sheet of a few lines says that is no table."""
    if sheet.left_out != NO_TABLE or not 0 < sheet.rows <= FEW_ROWS:
        return ""
    words = " ".join(sheet.csv.decode(errors="replace").replace('"', "").replace(",", " ").split())
    return f": “{words[:LISTED_CHARS]}”" if words else ""


def _type_of(sheet: Sheet) -> str:
    is_file = sheet.left_out and not sheet.rows and not sheet.comments
    return PurePosixPath(sheet.name).suffix.lower() if is_file else sheet.name


def _propose_one(
    kinds: Mapping[str, Kind], name: str, table: bytes, encoding: str, wanted: str, headers: Headers
) -> Plan:
    used = encoding_of(table, encoding)
    checksum = hashlib.sha256(table).hexdigest()
    return propose(kinds, lambda: open_text([table], used), used, checksum, wanted, name, headers)
