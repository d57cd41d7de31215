"""Makes workbooks, and tears them apart."""

import csv
import io
import zipfile
from collections.abc import Callable

import openpyxl

from tmr.domain.importing.readers.archives import Archive
from tmr.domain.importing.readers.workbooks.sheet import Sheet

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
PARTS = {"strings": "xl/sharedStrings.xml", "rels": "xl/worksheets/_rels/sheet1.xml.rels"}


def workbook(change: Callable[[openpyxl.Workbook], None] | None = None, **sheets: list[list[object]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(row)
    if change:
        change(made)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def sheets_of(content: bytes) -> list[Sheet]:
    return Archive(io.BytesIO(content)).sheets()


def rows_of(sheet: Sheet) -> list[list[str]]:
    return list(csv.reader(io.StringIO(sheet.csv.decode(), newline="")))


def first_rows(content: bytes) -> list[list[str]]:
    return rows_of(sheets_of(content)[0])


def with_xml(rows: str, after: str = "", **parts: str) -> bytes:
    """A workbook whose only sheet holds this XML; ``strings`` and ``rels`` are its texts and its relationships."""
    sheet = f'<worksheet xmlns="{MAIN}" xmlns:r="r"><sheetData>{rows}</sheetData>{after}</worksheet>'
    plain = workbook(Jobs=[["Company", "Title"], ["A", "B"]])
    return repacked(plain, **{SHEET: sheet}, **{PARTS[name]: content for name, content in parts.items()})


def repacked(content: bytes, **parts: str) -> bytes:
    """The same ZIP with some of its parts replaced."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as after:
        for name in dict.fromkeys((*before.namelist(), *parts)):
            after.writestr(name, parts[name] if name in parts else before.read(name))
    return made.getvalue()


def changed(content: bytes, part: str, old: str, new: str) -> bytes:
    """The same workbook with another text in one of its parts."""
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return repacked(content, **{part: opened.read(part).decode().replace(old, new)})


def far(row: int, column: str, value: str = "1") -> str:
    """A row with one number."""
    return f'<row r="{row}"><c r="{column}{row}"><v>{value}</v></c></row>'
