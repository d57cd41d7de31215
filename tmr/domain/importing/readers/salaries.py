"""A salary in one cell: amounts, currency and period."""

import re

from tmr.domain.fields.amounts import canonical_amount, read_amount
from tmr.domain.fields.folding import fold
from tmr.domain.fields.types.numbers import Currency

_AMOUNT = re.compile(r"(?:\d{1,3}(?:[ '’\u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?|\d[\d.,]*\d|\d)\s*[kKmM]?\b")
MAX_CHARS = 200
_CODE = re.compile(
    r"\b(AUD|BRL|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HKD|HUF|INR|JPY|KRW|MXN|NOK|NZD|PLN|RON|SEK|SGD|TRY|USD|ZAR)\b"
)
_PERIODS = {
    "hour": "hr h hour hourly stunde std heure hora",
    "day": "day daily tag jour dia",
    "week": "wk week weekly woche semaine semana",
    "month": "mo month monthly monat mois mes",
    "year": "yr y year yearly annual annually annum pa jahr jahrlich an ano annuel",
}
_PERIOD_OF_WORD = {word: period for period, words in _PERIODS.items() for word in words.split()}


def read_salary(text: str) -> dict[str, str] | None:
    """Return what a cell says of a salary, as texts by the names of our fields, or None if it is not understood.

    ``$45/hr``, ``€65,000`` and ``90k-110k`` are understood; a factor on the last amount counts for both (``90-110k``).
    """
    if len(text) > MAX_CHARS:
        return None
    matches = [match[0].strip() for match in _AMOUNT.finditer(text)]
    if not 1 <= len(matches) <= 2:
        return None
    if matches[-1][-1:].lower() == "k" and len(matches) == 2 and matches[0].isdigit() and len(matches[0]) <= 3:
        matches[0] += "k"
    amounts = [read_amount(match) for match in matches]
    if any(amount is None or amount >= 10**12 for amount in amounts):
        return None
    low, *rest = [canonical_amount(amount) for amount in amounts if amount is not None]
    texts = {"salary_min": low, "salary_currency": _currency(text), "salary_period": _period(text)}
    if rest:
        texts["salary_max"] = rest[0]
    return {name: value for name, value in texts.items() if value}


def _currency(text: str) -> str:
    if code := _CODE.search(text.upper()):
        return code[1]
    return next((code for symbol, code in Currency.symbols.items() if symbol in text), "")


def _period(text: str) -> str:
    words = re.split(r"[^\w]+", fold_words(text))
    return next((_PERIOD_OF_WORD[word] for word in words if word in _PERIOD_OF_WORD), "")


def fold_words(text: str) -> str:
    """Return ``text`` with each of its words folded and one space between them."""
    return " ".join(fold(word) for word in re.split(r"[\s/.]+", text))
