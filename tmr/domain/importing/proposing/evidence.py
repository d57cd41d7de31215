"""What the values of a column look like."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from itertools import pairwise

import msgspec

from tmr.domain.fields.folding import fold
from tmr.domain.fields.type import FieldType
from tmr.domain.importing.headers import words_beside
from tmr.domain.importing.proposing.short_values import MARKS, UNMARKED, short_value, tick_of
from tmr.domain.importing.proposing.statuses import read_stage
from tmr.domain.importing.readers.dates import DAY_FIRST, MONTH_FIRST, read_date, read_day_and_month
from tmr.domain.importing.readers.links import read_link
from tmr.domain.importing.readers.money.salaries import read_salary
from tmr.domain.pipeline.pipeline import Pipeline

FEWEST_COUNTED = 4  # rows that are numbered from anything but one: two pay bands are 5 and 6 as well
_ANY_DAY = dt.date(2024, 12, 31)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_EMAIL = re.compile(r"(?<![^\s@<>])[^\s@<>]++@[^\s@<>.]++(?:\.[^\s@<>.]++)+")
_PHONE = re.compile(r"\+?\(?\d[\d\s()./-]{5,18}\d")
_MONEY_MARK = re.compile(
    r"[$€£¥₹]|\d\s*k\b|\b(?:usd|eur|gbp|chf|lpa|per|an hour|hour|year|annum|month)\b", re.IGNORECASE
)
_JOBS = """
    engineer developer manager analyst designer consultant specialist assistant director architect administrator
    scientist nurse teacher driver clerk accountant buyer coordinator officer technician representative
    associate programmer researcher writer editor advisor adviser recruiter planner supervisor operator trainer
    therapist physician lawyer paralegal entwickler ingenieur berater leiter referent sachbearbeiter kaufmann
    kauffrau verkäufer prüfer mitarbeiter techniker développeu ingénieur technicien responsable comptable
    desarrollador ingenier técnic diseñador analista gerente desenvolvedor engenheir sviluppatore progettista
    impiegat ontwikkelaar medewerker programista inżynier specjalista utvecklare ingenjör エンジニア 工程师 经理 設計
"""
_SHORT_JOBS = "intern lead qa sre cto ceo cfo head.of vp dev devops developper stage praktikant werkstudent"
_JOB = re.compile(f"{'|'.join(_JOBS.split())}|\\b(?:{'|'.join(_SHORT_JOBS.split())})\\b|\\(m/[wfdx]", re.IGNORECASE)
_FIRMS = """
    inc ltd llc llp gmbh ag se kg sarl sas s.?a srl spa bv nv ab oy plc corp group labs? systems technologies solutions
    bank university consulting software partners studios? media health &.co
"""
_FIRM = re.compile(f"\\b(?:{'|'.join(_FIRMS.split())})\\b", re.IGNORECASE)


class Evidence(msgspec.Struct, frozen=True):
    """Shares of the filled cells, each from 0 to 1, that look like something; ``cells`` is the sample itself.

    ``serial`` are bare numbers that Excel may mean as days, and as likely pay; ``day`` are days without a year
    and may as well be marks (4/5). ``tick`` are marks, also with a remark beside them. ``linked`` are words with an
    address behind them, which may name something; they count as ``url`` too. ``is_counter``: they
    count the rows, 1, 2, 3 and so on.
    """

    cells: Sequence[str]
    distinct: float
    date: float
    serial: float
    day: float
    url: float
    linked: float
    email: float
    phone: float
    money: float
    stage: float
    number: float
    mark: float
    tick: float
    job: float
    firm: float
    long: float
    is_counter: bool

    @property
    def is_empty(self) -> bool:
        """Whether the column has no value at all."""
        return not self.cells

    @property
    def is_text(self) -> bool:
        """Whether most values are words, and not a date, link, address or number."""
        return max(self.date, self.url - self.linked, self.email, self.number, self.mark) < 0.5

    def share(self, accepts: Callable[[str], bool]) -> float:
        """Return the share of the cells that ``accepts`` takes."""
        return sum(map(accepts, self.cells)) / len(self.cells) if self.cells else 0.0

    def share_of_type(self, field_type: FieldType) -> float:
        """Return the share of the cells that a field of this type takes."""
        return self.share(lambda cell: bool(short_value(field_type, cell)[0]))


def weigh(cells: Sequence[str], pipeline: Pipeline) -> Evidence:
    """Return what the filled cells among these look like."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return Evidence(
        cells=filled,
        distinct=len({fold(cell) for cell in filled}) / len(filled) if filled else 0.0,
        date=_share(filled, is_date),
        serial=_share(filled, lambda cell: bool(_SERIAL.fullmatch(cell))),
        url=_share(filled, lambda cell: read_link(cell) is not None),
        day=_share(filled, lambda cell: read_day_and_month(cell, MONTH_FIRST, _ANY_DAY) is not None),
        linked=_share(filled, lambda cell: cell.startswith("[") and "](http" in cell),
        email=_share(filled, lambda cell: bool(_EMAIL.fullmatch(cell.removeprefix("mailto:")))),
        phone=_share(filled, lambda cell: bool(_PHONE.fullmatch(cell)) and not is_date(cell)),
        money=_share(filled, lambda cell: bool(_MONEY_MARK.search(cell)) and read_salary(cell) is not None),
        stage=_share(filled, lambda cell: len(cell) <= 40 and read_stage(pipeline, cell, with_whole=False) is not None),
        number=_share(filled, lambda cell: cell.replace(".", "").replace(",", "").isdigit()),
        mark=_share(filled, lambda cell: cell.casefold() in MARKS or cell.casefold() in UNMARKED),
        tick=_share(filled, lambda cell: tick_of(cell) is not None),
        job=_share(filled, lambda cell: len(cell) < 120 and bool(_JOB.search(cell))),
        firm=_share(filled, lambda cell: len(cell) < 80 and bool(_FIRM.search(cell))),
        long=_share(filled, lambda cell: len(cell) > 100),
        is_counter=_counts(filled),
    )


def names_job(text: str) -> bool:
    """Whether a text has a word for a job, such as “engineer”, in one of the languages that tables come in."""
    return bool(_JOB.search(text[:120]))


def names_board(cell: str) -> bool:
    """Whether a cell says where a posting was found: a job board, the company's own site, a person."""
    text = fold(cell[:60])
    is_address = "." in cell and " " not in cell
    return is_address or any(board in text for board in words_beside()["boards"])


def leads_to_posting(cell: str) -> bool:
    """Whether a cell is the address of a page with a number, as postings have it, and not that of a company."""
    link = read_link(cell)
    path = link.url.partition("//")[2].partition("/")[2] if link else ""
    return any(map(str.isdigit, path)) and "company/" not in path


def is_date(cell: str) -> bool:
    """Whether a cell is a date, whichever of day and month comes first; not a bare number, as Excel counts the days."""
    return not _SERIAL.fullmatch(cell) and bool(read_date(cell, DAY_FIRST) or read_date(cell, MONTH_FIRST))


def _share(cells: Sequence[str], test: Callable[[str], bool]) -> float:
    return sum(map(test, cells)) / len(cells) if cells else 0.0


def _counts(cells: Sequence[str]) -> bool:
    numbers = [int(text) for cell in cells if (text := cell.rstrip(".#").lstrip("#")).isdecimal() and len(text) < 7]
    steps = [after - before for before, after in pairwise(numbers)]
    is_whole = len(numbers) == len(cells) > 1 and all(step == 1 for step in steps)
    return is_whole and (numbers[0] < 2 or len(numbers) >= FEWEST_COUNTED)
