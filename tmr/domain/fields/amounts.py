"""Reads amounts of money the way people write them."""

import re
from decimal import Decimal

_GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d{1,2})?", re.ASCII)
_INDIAN = re.compile(r"\d{1,2}(?:,\d\d)+,\d{3}(?:\.\d{1,2})?", re.ASCII)
_PLAIN = re.compile(r"\d{1,15}(?:[.,]\d{1,2})?", re.ASCII)
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000}


def read_amount(text: str) -> Decimal | None:
    """Return the amount in ``text``, or None: ``85,000``, ``85.000``, ``85 000``, ``85k`` and ``85000.00`` are one.

    A separator before exactly three digits groups; before one or two, it begins the decimals. ``12,00,000`` is twelve
    lakh, as India writes it.
    """
    bare = re.sub(r"[\s'’_]", "", text).lower()
    number, factor = (bare[:-1], bare[-1]) if bare[-1:] in ("k", "m") else (bare, "")
    grouped = _GROUPED.fullmatch(number)
    if grouped and not factor:
        number = _ungrouped(number, grouped[1])
    elif _INDIAN.fullmatch(number) and not factor:
        number = number.replace(",", "")
    elif not _PLAIN.fullmatch(number):
        return None
    return Decimal(number.replace(",", ".")) * _FACTORS[factor]


def _ungrouped(number: str, separator: str) -> str:
    whole, _, decimals = number.rpartition({",": ".", ".": ","}[separator])
    digits = (whole or number).replace(separator, "")
    return f"{digits}.{decimals}" if whole else digits


def canonical_amount(amount: Decimal) -> str:
    """Return ``amount`` in its shortest text with at most two decimals: ``65000`` or ``45.5``."""
    return f"{amount:.2f}".rstrip("0").rstrip(".")
