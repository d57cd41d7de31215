"""Which sheets hold no table of records: charts, empty ones, and the words of drop-down lists."""

import re
from collections.abc import Iterable, Sequence
from itertools import chain, islice

import msgspec

from tmr.domain.fields.folding import fold
from tmr.domain.importing.headers import known_headers, target_of
from tmr.domain.importing.readers.workbooks.sheet import CHART, EMPTY, HIDDEN, NO_TABLE, Sheet, as_csv
from tmr.domain.kinds.application import APPLICATION

DROP_DOWNS = "a list of drop-down words"
MAX_WORDS, MAX_WORD, MAX_LISTS = 40, 40, 12
MAX_RANGES = 10  # that are looked at in the formula of one list
_NAME_WORDS = """
    lists, list items, list values, list data, drop downs, drop down, drop down list, drop down lists, drop down
    values, drop down options, options, option lists, choices, pick list, pick lists, look up, look ups, lookup
    lists, lookup tables, lookup values, validation, validations, data validation, validation lists, validation
    data, values, picklist values, settings, config, configuration, reference, reference data, backend, helper,
    helpers, hidden, do not edit, Listen, Auswahl, Auswahllisten, Auswahlliste, Auswahlwerte, Dropdownliste,
    Dropdownlisten, Werte, Stammdaten, Optionen, Datenüberprüfung, Gültigkeit, Einstellungen, Listes, Listes
    déroulantes, Choix, Validation des données, Paramètres, Listas, Listas desplegables, Desplegables, Opciones,
    Validación, Validación de datos, Configuración, Ajustes, Listas suspensas, Opções, Validação, Validação de
    dados, Configurações, Elenchi, Elenco a discesa, Opzioni, Convalida, Convalida dati, Impostazioni, Lijsten,
    Keuzelijsten, Keuzes, Opties, Gegevensvalidatie, Instellingen, Listy, Listy rozwijane, Opcje, Ustawienia,
    Listor, Alternativ, Rullgardinslistor, Inställningar, 下拉, 下拉列表, 下拉菜单, 选项, 数据验证,
    プルダウン, ドロップダウン, 選択肢, 設定
"""
_NAMES = frozenset(fold(name) for name in _NAME_WORDS.split(","))
_NAMED = re.compile(r"drop-?down|pick-?list", re.IGNORECASE)
_REFERENCE = re.compile(r"(?:'((?:[^']|'')+)'|([^\s'\x22!$,;()\[\]&]+))[!.]\$?([A-Za-z]{1,3})")
_RECORD = re.compile(r"\d{4}-\d\d-\d\d|\d{3}|://|@|\n|\[.*\]\(")


class ReadSheet(msgspec.Struct):
    """A sheet as it was read.

    ``lists`` are the ranges whose words its drop-down lists offer, ``comments`` those that are in none of its rows.
    """

    name: str
    rows: list[list[str]] = []
    template_rows: int = 0
    left_out: str = ""
    is_hidden: bool = False
    has_drawing: bool = False
    lists: frozenset[str] = frozenset()
    comments: Sequence[str] = ()


class _Known(msgspec.Struct):
    """What stays in memory of a sheet that was read."""

    sheet: Sheet
    is_of_words: bool
    is_ragged: bool
    has_records: bool
    is_hidden: bool
    columns: int


def sorted_out(sheets: Iterable[ReadSheet]) -> list[Sheet]:
    """Return the sheets in their order, those that hold no table of records with the reason why they are left out.

    Only one sheet at a time is kept as rows.
    """
    known, offered = [], []
    for position, sheet in enumerate(sheets):
        offered += [(position, *reference) for reference in _references(sheet.lists)]
        known.append(_known(sheet, position))
    names: set[str] = set()
    offered_columns: dict[str, set[str]] = {}
    for position, name, column in offered:
        if known[position].sheet.name != name:
            offered_columns.setdefault(name, set()).add(column)
    tables = [entry for entry in known if not entry.sheet.left_out and not _is_list(entry, offered_columns)]
    found = []
    for entry in known:
        left_out = entry.sheet.left_out
        if not left_out and tables and _is_list(entry, offered_columns):
            left_out = DROP_DOWNS
        elif (
            not left_out and entry.is_hidden and not entry.has_records and any(not table.is_hidden for table in tables)
        ):
            left_out = HIDDEN
        name = _unique(entry.sheet.name, names)
        found.append(msgspec.structs.replace(entry.sheet, name=name, left_out=left_out, is_hidden=entry.is_hidden))
    return _with_one_column(found)


def _with_one_column(sheets: list[Sheet]) -> list[Sheet]:
    """Return ``sheets``; if none is a table, the first that holds anything is taken for one."""
    if any(not sheet.left_out for sheet in sheets):
        return sheets
    first = next((sheet for sheet in sheets if sheet.left_out == NO_TABLE and sheet.rows > 1), None)
    return [msgspec.structs.replace(sheet, left_out="") if sheet is first else sheet for sheet in sheets]


def _known(sheet: ReadSheet, position: int) -> _Known:
    rows = sheet.rows
    filled = sum(any(row) for row in rows)
    columns = len({index for row in rows for index, cell in enumerate(row) if cell})
    left_out = sheet.left_out
    if not left_out and not filled:
        left_out = CHART if sheet.has_drawing else EMPTY
    elif not left_out and (filled < 2 or columns < 2):
        left_out = NO_TABLE
    return _Known(
        Sheet(
            sheet.name or f"Sheet {position + 1}", as_csv(rows), filled, left_out, sheet.template_rows, sheet.comments
        ),
        is_of_words=_is_of_words(rows),
        is_ragged=_is_ragged(rows),
        has_records=_has_records(rows),
        is_hidden=sheet.is_hidden,
        columns=columns,
    )


def _references(lists: Iterable[str]) -> set[tuple[str, str]]:
    """Return the sheets and columns that ranges such as ``'Drop Downs'!$A$2:$A$9`` name."""
    found = (islice(_REFERENCE.finditer(text.replace("$'", "'")), MAX_RANGES) for text in lists)
    matches = chain.from_iterable(found)
    return {((match[1] or match[2]).replace("''", "'").lstrip("$"), match[3].upper()) for match in matches}


def _is_list(entry: _Known, offered: dict[str, set[str]]) -> bool:
    """Whether a sheet holds the words of drop-down lists: others offer most of its columns, or it is called so."""
    if not entry.is_of_words or entry.has_records:
        return False
    count = len(offered.get(entry.sheet.name, ()))
    is_offered = count * 2 > entry.columns or (count > 0 and entry.is_ragged)
    return is_offered or _is_called_so(entry.sheet.name)


def _is_called_so(name: str) -> bool:
    return fold(re.sub(r"[^\w\s]|\d", " ", name)) in _NAMES or bool(_NAMED.search(name))


def _is_of_words(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a sheet has few columns of few short words each, all different within a column."""
    columns = [column for column in _columns(rows) if column]
    return 0 < len(columns) <= MAX_LISTS and all(map(_is_words, columns))


def _columns(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    width = max(map(len, rows), default=0)
    if len(rows) > 5 * MAX_WORDS:
        return []
    return [[row[index] for row in rows if index < len(row) and row[index]] for index in range(width)]


def _is_ragged(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the columns end at different rows, each without a gap, as lists side by side do and records do not."""
    lengths = set()
    for column in range(max(map(len, rows), default=0)):
        filled = [index for index, row in enumerate(rows) if column < len(row) and row[column]]
        if filled and filled[-1] - filled[0] >= len(filled):
            return False
        lengths.add(len(filled))
    return len(lengths - {0}) > 1


def _is_words(column: list[str]) -> bool:
    is_short = len(column) <= MAX_WORDS + 1 and all(len(word) <= MAX_WORD for word in column)
    return is_short and len({*column}) == len(column) and not any(map(_RECORD.search, column))


def _has_records(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a header names all that an application needs, so that the rows below are applications."""
    kind = APPLICATION
    required = set(kind.required)
    return any(
        known_headers(row, kind) > 1 and required <= {target_of(kind, cell) for cell in row if len(cell) < 60}
        for row in rows[:20]
    )


def _unique(name: str, taken: set[str]) -> str:
    """Return a name under which no other sheet is kept."""
    plain = " ".join("".join(char if char.isprintable() else " " for char in name).split())[:100] or "Sheet"
    found, number = plain, 2
    while found.lower() in taken:
        found, number = f"{plain} ({number})", number + 1
    taken.add(found.lower())
    return found
