"""The person's locale: dates, times and numbers are written, and read, as in the place that they chose."""

import datetime as dt

from flask import g, has_request_context, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from tmr.domain.locales.guess import guess_locale
from tmr.domain.locales.locale import DAYS, INTERNATIONAL, OFFERED, Locale, locale_named

LONGEST_HEADER = 200
_EXAMPLE = dt.datetime(2026, 11, 29, 14, 30, tzinfo=dt.UTC)


def current_locale() -> Locale:
    """Return the locale of the account that is signed in; the international one without one, and outside a request."""
    locale: Locale = g.get("locale", INTERNATIONAL) if has_request_context() else INTERNATIONAL
    return locale


def guessed_locale(zone: str = "") -> str:
    """Return the code of the locale that this browser's languages and its time zone suggest; empty for none."""
    header = request.headers.get("Accept-Language", "")[:LONGEST_HEADER]
    return guess_locale(parse_accept_header(header, LanguageAccept).values(), zone)


def example(code: str) -> str:
    """Write a moment, a number and the first day of the week as that locale has them."""
    locale = locale_named(code if code in OFFERED else "")
    week = f"week begins on {DAYS[locale.first_weekday]}"
    return f"{locale.moment(_EXAMPLE)} · {locale.number(1234.5, 2)} · {week}"


def number(value: float, decimals: int = 0) -> str:
    """Write a number in the person's locale: ``1,234``."""
    return current_locale().number(value, decimals)
