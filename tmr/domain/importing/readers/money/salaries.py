"""A salary in one cell: amounts, currency and period, and the words that say more."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from tmr.domain.fields.amounts import canonical_amount, read_amount
from tmr.domain.importing.readers.words import pay as words

MAX_CHARS = 200
_LETTER = r"[^\W\d_]"

_NUMBER = (
    r"(?>\d{1,3}(?:[ '’\u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?"  # 120 000,50
    r"|\d{1,2}(?:,\d\d)+,\d{3}(?:\.\d\d?)?(?!\d)"  # 12,00,000
    r"|\d+(?:[.,]\d+)*)"
)
_FACTOR = rf"(?:\s?(?P<factor>{words.FACTORS_PATTERN})(?:(?!{_LETTER})|(?={words.CURRENCY_PATTERN}(?!{_LETTER}))))?"
_AMOUNT = re.compile(
    rf"(?<![A-Za-z0-9_.,#À-ɏ])(?:(?P<thousands>[TtKk])?(?P<before>{words.CURRENCY_PATTERN})\s?|(?P<rand>R)(?=\d))?"
    rf"(?P<number>{_NUMBER}){_FACTOR}(?:\s{{0,3}}(?P<after>{words.CURRENCY_PATTERN})(?![^\W_]))?"
    rf"(?!\w|[.,:]\d|\s?(?:%|‰|{words.PERCENT}))"
)
_CODE = re.compile(rf"\b(?:{'|'.join(words.CODES)})\b")
_SEPARATOR = re.compile(rf"\s?(?:kr\.?\s?)?(?:[-–—−~～〜/]|\b(?:{words.TO})\b|(?:bis|à|to)\b)\s?", re.IGNORECASE)
_AND = re.compile(rf"\s?\b(?:{words.AND})\b\s?", re.IGNORECASE)
_DASHES = re.compile(r"[.,:][-–—](?!\s?\d)")  # 50.000,- and 50 000:-
_GLUED = re.compile(r"(?<=\d)(?=p[./]?[ahdw](?![^\W_])|pcm(?![^\W_]))")  # 400pd
_PLUS_BEFORE_UNIT = re.compile(r"(?<=\d)\+(?P<unit>\s?(?:LPA|lpa|[Ll]akhs?|[Ll]acs?|[kK])(?![^\W_]))")  # 30+ LPA
_UNIT = re.compile(r"\b(?:LPA|[Ll]akhs?|k(?![^\W_]))|万")
_SMALL = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?(?:\s?(?:[-–—]|to)\s?\d{1,3}(?:[.,]\d{1,2})?)?")
_SMALL_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_NO_SIGNS: Mapping[str, str] = {}
_LEAST_OF_YEAR = 1_500_000  # yen
_ENDS = " \t\r\n\u00a0,;:/+-–—−|·*~≈～〜.="


class Pay(NamedTuple):
    """What a cell says of pay, as texts by the names of our fields, and the words that say more."""

    texts: dict[str, str]
    rest: str


class _Amount(NamedTuple):
    """An amount in a cell: its number as written, its factor if any, its currency if any, and where it is.

    ``sign`` is that of its currency if other countries have the same.
    """

    number: str
    factor: int
    currency: str
    unit: str
    start: int
    end: int
    sign: str = ""

    @property
    def value(self) -> Decimal | None:
        """The amount, or None for a number that is none, or too large."""
        if self.factor > 1 and words.GROUPED_ONCE.fullmatch(self.number):
            return None  # 1,500k: fifteen hundred thousand, or one and a half?
        if self.unit == "mil" and (self.currency in ("USD", "GBP") or not self.number.isdigit()):
            return None  # a thousand in Spanish, a million in English
        amount = read_amount(self.number)
        return amount * self.factor if amount is not None and amount * self.factor < 10**12 else None


def read_salary(text: str, signs: Mapping[str, str] = _NO_SIGNS) -> Pay | None:
    """Return the pay in a cell, or None if there is none that is clear: then the whole cell is words.

    ``$45/hr``, ``€65,000``, ``90-110k``, ``up to 80k`` and ``12-15 LPA`` are understood; percentages, grades,
    equity and bonuses are no pay. No word is lost: ``rest`` has all but amounts, currency, period and words of a
    range. ``signs`` has the currency that a sign of several countries means in this table, such as ``$`` and ``kr``.
    """
    if len(text) > MAX_CHARS:
        return None
    text = _GLUED.sub(" ", _DASHES.sub(lambda match: " " * len(match[0]), text))
    text = _PLUS_BEFORE_UNIT.sub(r"\g<unit>+", text)
    amounts = [amount for match in _AMOUNT.finditer(text) if (amount := _amount(text, match))]
    if not amounts:
        return None
    return _Reading(text, amounts, signs).pay()


def is_pay_of_year(texts: Mapping[str, str]) -> bool:
    """Whether an amount can only be that of a year: ¥6,000,000 without a period is no pay of a month in Japan."""
    amount = texts.get("salary_min") or texts.get("salary_max") or "0"
    return texts.get("salary_currency") == "JPY" and Decimal(amount) >= _LEAST_OF_YEAR


def in_unit_of(header: str, cell: str) -> str:
    """Return the small numbers of a cell with the unit that its header has for all: “CTC (LPA)”."""
    unit = _UNIT.search(header)
    if not unit or not _SMALL.fullmatch(cell):
        return cell
    return _SMALL_NUMBER.sub(lambda number: f"{number[0]}{'' if len(unit[0]) == 1 else ' '}{unit[0]}", cell)


def _amount(text: str, match: re.Match[str]) -> _Amount | None:
    """Return an amount unless the words beside it say that it counts something else."""
    after = text[match.end() :]
    if words.NOT_PAY_BEFORE.search(text[: match.start()]) or words.NOT_PAY_AFTER.match(after):
        return None
    is_bare = not any(match[group] for group in ("thousands", "before", "rand", "factor", "after"))
    if is_bare and (text[: match.start()].endswith("/") or re.match(r"/\d", after)):
        return None  # 3/4 is a date or a part, 80k/90k a range
    if words.PENSION.match(match[0]) and not match["before"]:
        return None
    unit = (match["factor"] or "").lower().rstrip(".")
    factor = 1_000 if match["thousands"] else words.FACTORS.get(unit, 1)
    spelled = [match[group] for group in ("after", "before") if match[group]]
    codes = [words.currency_of(word) for word in spelled]
    currency = "ZAR" if match["rand"] else next((code for code in codes if code), "")
    start, end = match.span()
    if spelled and not currency:  # "kr": money of four countries, so the word is left where it is
        unit = unit or "kr"
        start = match.start("number")
        end = match.start("after") if match["after"] else end
    if match["before"] and match["after"] and codes[1] != "USD" and codes[0] != codes[1] and codes[0]:
        return None  # two currencies, neither of which is a bare dollar sign
    shared = {words.SHARED_SIGNS.get(word.casefold(), "") for word in spelled}
    return _Amount(match["number"], factor, currency, unit, start, end, shared.pop() if len(shared) == 1 else "")


class _Reading:
    """A cell that is being read: which stretches of it are understood."""

    def __init__(self, text: str, amounts: list[_Amount], signs: Mapping[str, str]) -> None:
        self._text = text
        self._signs = signs
        self._amounts = amounts
        self._understood: list[tuple[int, int]] = []
        self._first = amounts[0]
        self._second: _Amount | None = None
        self._period = ""
        self._bound = ""

    def pay(self) -> Pay | None:
        self._read_range()
        self._read_bound()
        self._read_period()
        low, high = self._bounds()
        if low is None and high is None:
            return None
        currency = self._currency()
        rest = self._rest()
        if self._first.sign and self._first.sign in self._signs and not self._first.currency:
            rest = "; ".join(piece for piece in rest.split("; ") if piece.casefold() not in words.SHARED_SIGNS)
        if self._is_bare(currency) and rest:
            return None
        texts = {
            "salary_min": canonical_amount(low) if low is not None else "",
            "salary_currency": currency,
            "salary_period": self._period,
            "salary_max": canonical_amount(high) if high is not None else "",
        }
        return Pay({name: value for name, value in texts.items() if value}, rest)

    def _read_range(self) -> None:
        """Find a second amount behind a dash or a word such as “to”, with nothing but a period between."""
        self._understood.append((self._first.start, self._first.end))
        if len(self._amounts) < 2:
            return
        second, start = self._amounts[1], self._first.end
        if period := words.period_after(self._text, start):
            start = period.end()
        between = self._text[start : second.start]
        is_between = words.BETWEEN.search(self._text[: self._first.start])
        if _SEPARATOR.fullmatch(between) or (is_between and _AND.fullmatch(between)):
            self._second = second
            self._understood.append((self._first.end, second.end))
            if period:
                self._period = words.period_of(period["unit"])
            if is_between:
                self._understood.append(is_between.span())

    def _read_bound(self) -> None:
        """Find “up to” or “from” before the amounts, or “max” and “+” behind them."""
        before, end = self._text[: self._first.start], self._end()
        after = self._text[end:]
        for bound, before_words, after_words in (
            ("max", words.MAXIMUM_BEFORE, words.MAXIMUM_AFTER),
            ("min", words.MINIMUM_BEFORE, words.MINIMUM_AFTER),
        ):
            if match := before_words.search(before):
                self._bound = bound
                self._understood.append(match.span())
                return
            if match := after_words.match(after):
                self._bound = bound
                self._understood.append((end, end + match.end()))
                return

    def _read_period(self) -> None:
        end = self._end()
        while any(start == end for start, _ in self._understood):
            end = max(stop for start, stop in self._understood if start == end)
        if match := words.period_after(self._text, end):
            self._period = words.period_of(match["unit"])
            self._understood.append((match.start("period"), match.end("period")))
        elif match := words.PERIOD_BEFORE.search(self._text[: self._first.start]):
            self._period = self._period or words.period_of(match[0])
            self._understood.append(match.span())
        elif self._first.unit == "lpa" or (self._second and self._second.unit == "lpa"):
            self._period = self._period or "year"

    def _bounds(self) -> tuple[Decimal | None, Decimal | None]:
        """Return the least and the most; a factor on one of two amounts may count for both."""
        if self._second is None:
            value = self._first.value
            return (None, value) if self._bound == "max" else (value, None)
        low, high = self._first, self._second
        if low.factor == 1 and high.factor > 1 and _whole(low.number) < 1000:
            low = low._replace(factor=high.factor)
        elif high.factor == 1 and low.factor > 1 and _whole(high.number) < 1000:
            high = high._replace(factor=low.factor)
        least, most = low.value, high.value
        if least is None or most is None or least > most:
            return None, None
        return least, most

    def _currency(self) -> str:
        """Return the currency beside the amounts or, as a code, elsewhere in the cell."""
        pair = [self._first, self._second] if self._second else [self._first]
        named = list(dict.fromkeys(amount.currency for amount in pair if amount and amount.currency))
        if not named or named == ["USD"]:
            for match in _CODE.finditer(self._text):
                if not any(amount.start <= match.start() < amount.end for amount in self._amounts):
                    self._understood.append(match.span())
                    return match[0]
        if not named and any(amount and amount.unit in words.INDIAN for amount in pair):
            return "INR"
        meant = next((self._signs[amount.sign] for amount in pair if amount and amount.sign in self._signs), "")
        return meant if meant and len(named) < 2 else named[-1] if named else ""

    def _is_bare(self, currency: str) -> bool:
        """Whether nothing but a small number, or a year, says that this is pay: then words beside it decide."""
        if currency or self._period or self._bound or self._second or self._first.unit:
            return False
        number = self._first.number
        return _whole(number) < 1000 or (len(number) == 4 and number[:2] in ("19", "20"))

    def _end(self) -> int:
        return self._second.end if self._second else self._first.end

    def _rest(self) -> str:
        pieces, at = [], 0
        for start, end in sorted(self._understood):
            pieces.append(self._text[at:start])
            at = max(at, end)
        pieces.append(self._text[at:])
        return "; ".join(filter(None, map(_bare, pieces)))


def _whole(number: str) -> int:
    """Return the size of a number as it is written: its digits before a separator that begins decimals."""
    amount = read_amount(number)
    return int(amount) if amount is not None else 0


def _bare(piece: str) -> str:
    """Return a piece of a cell without the marks around it; "" if it has neither letter nor digit nor sign."""
    text = piece.strip(_ENDS)
    for opening, closing in ("()", "[]"):
        if text.count(opening) != text.count(closing):
            text = text.strip(opening + closing).strip(_ENDS)
        elif text[:1] + text[-1:] == opening + closing and text.count(opening) == 1:
            text = text[1:-1].strip(_ENDS)
    return text if any(char.isalnum() or char in "%$€£¥" for char in text) else ""
