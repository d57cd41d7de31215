"""Jinja filters: how values are written for people."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from tmr.domain.field_types import Choice, Field, Wire

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
PERIODS = {"year": "", "month": "/mo", "week": "/wk", "day": "/day", "hour": "/h"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def short_date(value: str | None) -> str:
    """Write a date as ``24 Nov``, with the year when it is another one than this."""
    if not value:
        return ""
    year, month, day = value.split("-")
    text = f"{int(day)} {MONTHS[int(month) - 1]}"
    return text if int(year) == dt.datetime.now(dt.UTC).year else f"{text} {year}"


def pay(values: Mapping[str, Wire]) -> str:
    """Write a salary as people say it: ``€85–95k``, ``$45/h``."""
    low, high = values.get("salary_min"), values.get("salary_max")
    amounts = [str(amount) for amount in (low, high) if amount]
    if not amounts:
        return ""
    short, factor = _shortened(amounts)
    text = "–".join(dict.fromkeys(short)) + factor
    if high and not low:
        text = f"up to {text}"
    currency = str(values.get("salary_currency") or "")
    symbol = SYMBOLS.get(currency, f"{currency} " if currency else "")
    return f"{symbol}{text}{PERIODS.get(str(values.get('salary_period')), '')}"


def _shortened(amounts: list[str]) -> tuple[list[str], str]:
    if all(amount.endswith("000") and "." not in amount for amount in amounts):
        return [amount[:-3] for amount in amounts], "k"
    return [f"{int(amount):,}" if amount.isdigit() else amount for amount in amounts], ""


def raw(field: Field, values: Mapping[str, Wire]) -> str:
    """Write one value as its editor takes it."""
    return field.type.write(values.get(field.name))


def words(field: Field, values: Mapping[str, Wire]) -> str:
    """Write one value in the words that people read."""
    value = values.get(field.name)
    return field.type.label(value) if isinstance(field.type, Choice) else field.type.write(value)


def moment(value: dt.datetime) -> str:
    """Write an instant for people, in UTC."""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}, {value:%H:%M} UTC"


def size(count: int) -> str:
    """Write a number of bytes for people."""
    return f"{count / 1024:,.0f} kB" if count < 1024**2 else f"{count / 1024**2:,.1f} MB"


FILTERS: dict[str, Callable[..., Any]] = {
    "short_date": short_date,
    "pay": pay,
    "raw": raw,
    "words": words,
    "moment": moment,
    "size": size,
    "number": lambda value: f"{value:,}",
}
