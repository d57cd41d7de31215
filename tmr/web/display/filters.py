"""Jinja filters that write dates, salaries, stages and sizes for people."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup, escape

from tmr.domain.agenda.interview_times import starts_at
from tmr.domain.fields.kind import Kind, pipeline_of_kind
from tmr.domain.fields.type import Wire, is_web_address
from tmr.domain.pipeline.stage import Stage
from tmr.web.display.zone import current_zone, local_text, today

SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
PERIODS = {"year": "", "month": "/mo", "week": "/wk", "day": "/day", "hour": "/h"}
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONG_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def stage_badge(stage: Stage) -> Markup:
    """Write the badge of a stage: its shape, colour and label."""
    return Markup('<span class="st {} s-{}">{}</span>').format(stage.shape, stage.colour, stage.label)


def short_date(value: str | None) -> str:
    """Write a date as ``24 Nov``, with the year unless it is this one; an empty value stays empty."""
    if not value:
        return ""
    year, month, day = value.split("-")
    text = f"{int(day)} {MONTHS[int(month) - 1]}"
    return text if int(year) == today().year else f"{text} {year}"


def short_moment(value: str) -> str:
    """Write a local date and time, such as ``2026-11-24T14:30``, as ``24 Nov, 14:30``."""
    return f"{short_date(value[:10])}, {value[11:16]}"


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
    if all(len(amount) > 6 and amount.endswith("00000") for amount in amounts):
        return [f"{int(amount) / 1_000_000:g}" for amount in amounts], "M"
    if all(amount.endswith("000") and "." not in amount for amount in amounts):
        return [amount[:-3] for amount in amounts], "k"
    return [grouped(amount) for amount in amounts], ""


def grouped(amount: str) -> str:
    """Write an amount with commas between thousands; anything but a plain number stays as it is."""
    whole, dot, decimals = amount.partition(".")
    return f"{int(whole):,}{dot}{decimals}" if whole.isdigit() else amount


def moment(value: dt.datetime) -> str:
    """Write an instant in the person's time zone, with year: ``24 Nov 2026, 14:30``."""
    zone = current_zone()
    here = value.astimezone(zone)
    return f"{here.day} {MONTHS[here.month - 1]} {here.year}, {here:%H:%M}{' UTC' if zone.key == 'UTC' else ''}"


def size(count: int) -> str:
    """Write a number of bytes in kB or MB."""
    return f"{count / 1024:,.0f} kB" if count < 1024**2 else f"{count / 1024**2:,.1f} MB"


def local_moment(value: str | None) -> str:
    """Write a stored instant in the person's time zone, as ``24 Nov, 14:30``."""
    return short_moment(local_text(value)) if value else ""


def stage(key: Wire, kind: Kind) -> Markup:
    """Write the badge of the stage with this key; the key itself if the stage no longer exists."""
    known = pipeline_of_kind(kind).by_key.get(str(key))
    return stage_badge(known) if known else escape(key or "")


def interview_time(values: Mapping[str, Wire]) -> str:
    """Write when an interview is in the person's time zone, and in the zone it was arranged in, if that differs."""
    moment = starts_at(values, current_zone())
    if moment is None:
        return ""
    arranged = short_moment(str(values["starts_at"]))
    here = short_moment(moment.astimezone(current_zone()).isoformat())
    if here == arranged:
        return here
    there = arranged[-5:] if here[:-5] == arranged[:-5] else arranged  # the day only if it is another one
    return f"{here} ({there} {values['time_zone']})"


def category(key: Wire, kind: Kind) -> str:
    """Return the category that statistics count a stage under."""
    return pipeline_of_kind(kind).category_of(key)


def day(date: dt.date) -> str:
    """Write a day as ``Wednesday, 25 November``."""
    return f"{DAYS[date.weekday()]}, {date.day} {LONG_MONTHS[date.month - 1]}"


def weekday_time(moment: dt.datetime) -> str:
    """Write a moment in the next days as ``Thu 14:30``, today's as ``Today 14:30``."""
    name = "Today" if moment.date() == today() else DAYS[moment.weekday()][:3]
    return f"{name} {moment:%H:%M}"


FILTERS: dict[str, Callable[..., Any]] = {
    "short_date": short_date,
    "pay": pay,
    "moment": moment,
    "short_moment": short_moment,
    "local_moment": local_moment,
    "interview_time": interview_time,
    "stage": stage,
    "category": category,
    "day": day,
    "percent": lambda share: "–" if share is None else f"{share * 100:.0f} %",
    "days": lambda count: "–" if count is None else f"{count:.0f} days" if count >= 10 else f"{count:.1f} days",
    "fixed": lambda value: f"{value:.1f}",
    "pair": lambda stage: (stage.key, stage.label),
    "month_name": lambda date: f"{LONG_MONTHS[date.month - 1]} {date.year}",
    "weekday_time": weekday_time,
    "is_web": lambda value: isinstance(value, str) and is_web_address(value),
    "size": size,
    "number": lambda value: f"{value:,}",
}
