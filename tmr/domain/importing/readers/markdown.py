"""Tables in Markdown, as READMEs and notes hold them, turned into CSV."""

import csv
import io
import re
from itertools import pairwise

from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.encodings.detection import SAMPLE_BYTES, encoding_of, open_text

_DASHES = re.compile(r":?-+:?")
_CELL_END = re.compile(r"(?<!\\)\|")
_FENCE = re.compile(r"\s*(?:```|~~~)")
_CODE = re.compile(r"(`{1,3})([^`]+)\1")
_KEPT = re.compile("\0(\\d+)\0")
_MARKS = (
    re.compile(r"(?<![\\*])\*\*(?!\s)([^*]+)(?<!\s)\*\*"),
    re.compile(r"(?<![\\\w_])__(?!\s)([^_]+)(?<!\s)__(?!\w)"),
    re.compile(r"~~(?!\s)([^~]+)(?<!\s)~~"),
    re.compile(r"(?<![\\*\w])\*(?!\s)([^*]+)(?<!\s)\*(?![\w*])"),
    re.compile(r"(?<![\\\w_])_(?!\s)([^_]+)(?<!\s)_(?!\w)"),
)
_ADDRESS = re.compile(r"<((?:https?://|mailto:)[^<>\s]+)>")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|~<>])")
# An escaped bracket begins no link, so that what is looked at from one bracket ends at the next.
_LINK = re.compile(
    r"(?<!\\)!?\[((?:[^\[\]]|\\[\[\]])*)\]\(\s*<?([^\s()<>]+(?:\([^\s()]*\)[^\s()<>]*)*)>?(?:\s+\"[^\"]*\")?\s*\)"
)
_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
MAX_LINE = 100_000
MAX_LINES = 500_000  # with those outside of tables: each is kept at many times its size
LINES = 500
MOST_ROWS = 21_000  # with headers, of which each table may have one
TOO_MANY = "This file has more than 20,000 rows. Split it into smaller files."


def is_markdown_table(text: str) -> bool:
    """Whether a text has a table in Markdown: a row of cells between pipes, and below it a row of as many dashes.

    Only the first 500 lines are looked at.
    """
    lines = text.splitlines()[:LINES]
    return any(_is_header(line, below) for line, below in pairwise(lines))


def tables_of_markdown(text: str) -> tuple[str, list[str]]:
    """Return the rows of the tables in a text as CSV, and the lines outside of them that are passed over.

    Tables with the same header are joined under one; others follow with a header of their own. Bold, italic, struck
    and code marks are put aside; a link stays as ``[text](url)``.

    Raises:
        FileRefusedError: they have far too many rows.
    """
    rows: list[list[str]] = []
    outside: list[str] = []
    headers: list[list[str]] = []
    if sum(map(text.count, _LINE_ENDS)) > MAX_LINES:
        raise FileRefusedError(TOO_MANY)
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        if at + 1 < len(lines) and _is_header(lines[at], lines[at + 1]):
            header = _cells(lines[at])
            rows += [header] if header not in headers[-1:] else []
            headers.append(header)
            at += 2
            while at < len(lines) and "|" in lines[at]:
                rows.append(_cells(lines[at]))
                at += 1
                if len(rows) > MOST_ROWS:
                    raise FileRefusedError(TOO_MANY)
        else:
            if lines[at].strip() and not _FENCE.match(lines[at]):
                outside.append(lines[at].strip())
            at += 1
    return _as_csv(rows), outside


def csv_of_markdown(content: bytes, encoding: str = "") -> tuple[bytes, list[str]]:
    """Return the tables of a Markdown file as CSV in its encoding, which is guessed if none is given; b"" without any.

    The lines outside of the tables come beside it.

    Raises:
        FileRefusedError: it is no text in that encoding.
    """
    if b"|" not in content[:SAMPLE_BYTES]:
        return b"", []
    used = encoding_of(content, encoding)
    if not is_markdown_table(open_text([content], used).read(SAMPLE_BYTES)):
        return b"", []
    table, outside = tables_of_markdown(open_text([content], used).read())
    return table.encode(used, errors="replace"), outside


def _is_header(line: str, below: str) -> bool:
    if "|" not in line or "-" not in below or len(line) > MAX_LINE or len(below) > MAX_LINE:
        return False
    dashes = _split(below)
    return all(_DASHES.fullmatch(cell.strip()) for cell in dashes) and len(_split(line)) == len(dashes)


def _split(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    if inner.endswith("|") and not inner.endswith("\\|"):
        inner = inner[:-1]
    return _CELL_END.split(inner)


def _cells(line: str) -> list[str]:
    return [_plain(cell) for cell in _split(line[:MAX_LINE])]


def _plain(cell: str) -> str:
    """Return what a cell says, without marks; code and addresses are left as they are written."""
    kept: list[str] = []

    def restore(text: str) -> str:
        return _KEPT.sub(lambda match: kept[int(match[1])], text)

    def keep(text: str) -> str:
        kept.append(restore(text))
        return f"\0{len(kept) - 1}\0"

    text = _BREAK.sub("\n", cell.strip().replace("\0", ""))
    text = _CODE.sub(lambda match: keep(match[2].replace("\\|", "|").strip()), text)
    text = _ADDRESS.sub(lambda match: keep(match[1].removeprefix("mailto:")), text)
    text = _LINK.sub(lambda match: f"[{match[1]}]({keep(match[2])})", text)
    for mark in _MARKS:
        text = mark.sub(r"\1", text)
    return restore(_ESCAPE.sub(r"\1", text)).strip()


def _as_csv(rows: list[list[str]]) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()
