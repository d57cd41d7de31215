"""The locale that a browser's settings suggest for a new account."""

from collections.abc import Iterable

from tmr.domain.locales.locale import OFFERED

MOST_TAGS = 10
# Languages that are spoken above all in one of the places that are offered. Others say nothing without a region.
_HOME = {
    "cs": "CZ",
    "da": "DK",
    "de": "DE",
    "et": "EE",
    "fi": "FI",
    "fr": "FR",
    "he": "IL",
    "hu": "HU",
    "it": "IT",
    "ja": "JP",
    "lt": "LT",
    "lv": "LV",
    "nb": "NO",
    "nl": "NL",
    "no": "NO",
    "pl": "PL",
    "ro": "RO",
    "sk": "SK",
    "sl": "SI",
    "sv": "SE",
    "uk": "UA",
}
_AMERICAN = "en_US"


def guess_locale(tags: Iterable[str], zone: str) -> str:
    """Return the code of the locale that language tags (``de-AT``), the preferred one first, and a time zone suggest.

    Most browsers come with American English wherever they are, so that counts only where the clock is American too:
    without a ``zone`` nothing can be said yet. The answer is empty where nothing is known.
    """
    for tag in list(tags)[:MOST_TAGS]:
        language, *rest = tag.replace("_", "-").split("-")
        region = rest[-1].upper() if rest else _HOME.get(language.lower(), "")
        code = f"en_{region}"
        if code == _AMERICAN and not zone:
            return ""
        if code in OFFERED and (code != _AMERICAN or _is_american(zone)):
            return code
    return ""


def _is_american(zone: str) -> bool:
    from babel.core import get_global  # late, as in ``locale_named``

    return bool(get_global("zone_territories").get(zone) == "US")
