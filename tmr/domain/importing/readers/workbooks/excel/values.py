"""What the cells of an Excel workbook share: its texts, and which number formats show dates."""

import datetime as dt
import re

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from tmr.domain.importing.errors import FileRefusedError
from tmr.domain.importing.readers.delimited import MAX_CELL_CHARS
from tmr.domain.importing.readers.workbooks.safe_xml import Handler, read_xml
from tmr.domain.importing.readers.workbooks.sheet import MAX_CELLS, TOO_LARGE_BOOK, number_text, percent_text

MAX_STYLES = 66_000  # Excel allows 65,490
MAX_FORMAT = 255  # as Excel's; longer ones would take long to look through
# A currency with a locale ([$€-407]) or in quotes ("$"); a format built in shows that of the system, which is unknown.
_CURRENCY = re.compile(r"\[\$([^\]\-\s]{1,4})\s?(?:-[^\]]{0,8})?\]|\"?([$€£¥₹]|USD|EUR|GBP|CHF)\"?")
_PERCENT = re.compile(r"[0#,]{1,20}(?:\.[0#]{1,20})?\s?%")
_MASK = re.compile(r"[0 ()/-]{2,40}")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """Return a text of a workbook as it was typed: ``_x000D_`` is a line end."""
    if "_x" not in text:
        return text
    return _ESCAPE.sub(_character, text).replace("\r\n", "\n")


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return "" if code == 0 or 0xD800 <= code < 0xE000 else chr(code)


class Values:
    """Turns what a cell stores into what it shows. ``is_mac`` is for workbooks that count days from 1904."""

    def __init__(self, shared: list[str], styles: "Styles", *, is_mac: bool = False) -> None:
        self.shared = shared
        self._date_styles, self._currencies = styles.dates, styles.currencies
        self._percents, self._masks = styles.percents, styles.masks
        self.struck = styles.struck
        self._epoch = MAC_EPOCH if is_mac else WINDOWS_EPOCH

    def number(self, value: str, style: str) -> str:
        """Return a number, with what its style shows beside it, or the date or time that it is: year-month-day.

        A currency, a percent sign and zeros in front are part of what a cell says; how many digits follow is not.

        Raises:
            ValueError: it is no number.
        """
        if style not in self._date_styles:
            return self._plain_number(value, style)
        try:
            moment = from_excel(float(value), self._epoch, timedelta=self._date_styles[style])
        except (OverflowError, ValueError):
            return number_text(value)  # too far away for a date
        return _moment_text(moment)

    def _plain_number(self, value: str, style: str) -> str:
        if style in self._percents:
            return percent_text(value)
        number = number_text(value)
        if number.isdecimal() and (mask := self._masks.get(style)):
            return _masked(number, mask)
        currency = self._currencies.get(style, "")
        return f"{currency} {number}" if currency else number


def _masked(number: str, mask: str) -> str:
    """Return the digits of a number in the places of a mask such as ``000-00``, those that are left over in front."""
    digits = list(number.rjust(mask.count("0"), "0"))
    placed = [digits.pop() if char == "0" else char for char in reversed(mask)]
    return "".join([*digits, *reversed(placed)])


def _moment_text(moment: dt.date | dt.time | dt.timedelta) -> str:
    text = str(moment)
    return text if isinstance(moment, dt.timedelta) else text.removesuffix(" 00:00:00")


class _Strings(Handler):
    """Handles the table of shared texts."""

    def __init__(self) -> None:
        self.all: list[str] = []
        self._pieces: list[str] = []
        self._chars = 0
        self._is_text = self._is_reading_aloud = False

    def start(self, name: str, _attributes: dict[str, str], /) -> None:
        if name == "si":
            self._pieces, self._chars = [], 0
        elif name == "t":
            self._is_text = not self._is_reading_aloud
        elif name == "rPh":
            self._is_reading_aloud = True

    def end(self, name: str, /) -> None:
        if name == "t":
            self._is_text = False
        elif name == "rPh":
            self._is_reading_aloud = False
        elif name == "si":
            self.all.append(unescaped("".join(self._pieces)))
            if len(self.all) > 2 * MAX_CELLS:
                raise FileRefusedError(TOO_LARGE_BOOK)

    def text(self, piece: str, /) -> None:
        if self._is_text and self._chars <= MAX_CELL_CHARS:  # a cell that shows a longer one is refused
            self._pieces.append(piece)
            self._chars += len(piece)


class Styles(Handler):
    """Handles the styles.

    ``dates`` are those that show dates, and whether they show how long something took; ``currencies`` those that show
    one, as a code or a sign; ``percents`` show percentages, and ``masks`` where the digits of whole numbers are.
    ``struck`` strike through what they show.
    """

    def __init__(self) -> None:
        self.dates: dict[str, bool] = {}
        self.currencies: dict[str, str] = {}
        self.percents: set[str] = set()
        self.masks: dict[str, str] = {}
        self.struck: set[str] = set()
        self._struck_fonts: set[str] = set()
        self._font = -1  # the number of the font while fonts are read; others belong to conditions
        self._is_of_fonts = False
        self._formats: dict[str, str] = {}
        self._count = 0
        self._is_of_cells = False

    def start(self, name: str, attributes: dict[str, str], /) -> None:
        """Take a format, or a style of cells."""
        if name == "numFmt" and len(self._formats) < MAX_STYLES:
            self._formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")[:MAX_FORMAT]
        elif name == "fonts":
            self._is_of_fonts = True
        elif name == "font" and self._is_of_fonts:
            self._font += 1
        elif name == "strike" and self._is_of_fonts and attributes.get("val", "1") not in ("0", "false"):
            self._struck_fonts.add(str(self._font))
        elif name == "cellXfs":
            self._is_of_cells = True
        elif name == "xf" and self._is_of_cells and self._count < MAX_STYLES:
            if attributes.get("fontId") in self._struck_fonts:
                self.struck.add(str(self._count))
            self._add(attributes.get("numFmtId", "0"))

    def _add(self, identity: str) -> None:
        code = self._formats.get(identity) or (BUILTIN_FORMATS.get(int(identity)) if identity.isdecimal() else None)
        if is_date_format(code):
            self.dates[str(self._count)] = is_timedelta_format(code)
        elif found := _CURRENCY.search(self._formats.get(identity, "")):
            self.currencies[str(self._count)] = found[1] or found[2]
        elif code and (first := code.partition(";")[0].replace("\\", "").replace('"', "")):
            if _PERCENT.fullmatch(first):
                self.percents.add(str(self._count))
            elif _MASK.fullmatch(first) and first.count("0") > 1:
                self.masks[str(self._count)] = first
        self._count += 1

    def end(self, name: str, /) -> None:
        """Leave the styles of cells, or the fonts."""
        if name == "cellXfs":
            self._is_of_cells = False
        elif name == "fonts":
            self._is_of_fonts = False


def shared_texts(content: bytes) -> list[str]:
    """Return the texts of ``sharedStrings.xml``, which cells name by their number."""
    handler = _Strings()
    read_xml(content, handler)
    return handler.all


def styles_of(content: bytes) -> Styles:
    """Return what the styles in ``styles.xml`` show, by their numbers."""
    handler = Styles()
    read_xml(content, handler)
    return handler
