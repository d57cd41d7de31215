"""How amounts of money are written for people."""

from collections.abc import Mapping

from tmr.domain.fields.type import Wire
from tmr.web.display.locales import current_locale

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
PERIODS = {"year": "", "month": "/mo", "week": "/wk", "day": "/day", "hour": "/h"}


def pay(values: Mapping[str, Wire]) -> str:
    """Write a salary as people say it: ``€85–95k``, ``$45/h``, ``up to £60k``; typed back, it reads as the same."""
    low, high = values.get("salary_min"), values.get("salary_max")
    amounts = [str(amount) for amount in (low, high) if amount]
    if not amounts:
        return ""
    short, factor = _shortened(amounts)
    text = "–".join(dict.fromkeys(short)) + factor
    bound = "up to " if high and not low else ""
    currency = str(values.get("salary_currency") or "")
    symbol = SYMBOLS.get(currency, f"{currency} " if currency else "")
    return f"{bound}{symbol}{text}{PERIODS.get(str(values.get('salary_period')), '')}"


def _shortened(amounts: list[str]) -> tuple[list[str], str]:
    if all(len(amount) > 6 and amount.endswith("00000") for amount in amounts):
        return [current_locale().amount(f"{int(amount) / 1_000_000:g}") for amount in amounts], "M"
    if all(amount.endswith("000") and "." not in amount for amount in amounts):
        return [amount[:-3] for amount in amounts], "k"
    locale = current_locale()
    return [locale.amount(amount) for amount in amounts], ""
