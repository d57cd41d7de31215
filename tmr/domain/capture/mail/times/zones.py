"""The zone of a time: by the name that a calendar gives it, or by words such as “UK time”."""

import datetime as dt
import re
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from tmr.domain.fields.folding import fold
from tmr.domain.fields.types.times import ZONES

_ABBREVIATION = re.compile(
    r"(?<=[\dmh.)(\s])\(?(ET|E[SD]T|CT|C[SD]T|MT|M[SD]T|PT|P[SD]T|GMT|BST|UTC|CES?T|MES?Z|EES?T|WET|IST|SGT|JST"
    r"|AE[SD]T)\b(?!\s?[+-])"
)
_IN_WORDS = re.compile(
    r"\b(eastern|pacific|mountain|central european|uk|british|irish|german|french|spanish"
    r"|central(?= time))(?:\s(?:standard|daylight|summer))?(?:\stime\b|(?=[.,;)?!\s]|$))",
    re.IGNORECASE,
)
_OF_CITY = re.compile(
    r"(?:\b([A-ZÀ-Ý][\w’'-]{2,20}(?:\s[A-ZÀ-Ý][\w-]{2,20})?)\s(?:local\s)?time\b"
    r"|\bheure de (?:la )?([A-ZÀ-Ý][\w-]{2,20}(?:\s[A-ZÀ-Ý][\w-]{2,20})?)"
    r"|\bhora (?:local )?de (?:la )?(?:[Cc]iudad de )?([A-ZÀ-Ý][\w-]{2,20}(?:\s[A-ZÀ-Ý][\w-]{2,20})?)"
    r"|\bOrtszeit ([A-ZÄÖÜ][\w-]{2,20})"
    r"|\b([A-ZÄÖÜ][\w-]{2,20})er Zeit\b"
    r"|\btime\s?[-–—]\s?([A-ZÀ-Ý][\w-]{2,20}(?:\s[A-ZÀ-Ý][\w-]{2,20})?)|\b((?:Europe|America|Asia|Africa|Australia"
    r"|Pacific|Atlantic)/[A-Za-z_]{2,30}))"
)
_AHEAD = re.compile(r"\b(?:GMT|UTC)\s?([+-])\s?0?(\d{1,2})(?::00)?\b(?!:)")
_SHOWN = re.compile(r"\((?:UTC|GMT)[^()]{0,12}\)\s?([^()]{2,100})")  # as Windows shows the name of a zone
_LOCAL = re.compile(r"\b(?:deutsche(?:r)? Zeit|heure française|hora (?:peninsular|española))\b", re.IGNORECASE)
_CITIES = {
    "mexico": "America/Mexico_City",
    "cdmx": "America/Mexico_City",
    "madrid": "Europe/Madrid",
    "munich": "Europe/Berlin",
    "munchen": "Europe/Berlin",
    "hamburg": "Europe/Berlin",
    "frankfurt": "Europe/Berlin",
    "barcelona": "Europe/Madrid",
    "lyon": "Europe/Paris",
    "boston": "America/New_York",
    "sanfrancisco": "America/Los_Angeles",
    "seattle": "America/Los_Angeles",
    "cologne": "Europe/Berlin",
    "koln": "Europe/Berlin",
    "geneva": "Europe/Zurich",
    "geneve": "Europe/Zurich",
    "newyork": "America/New_York",
}


def zone_named(name: str) -> str:
    """Return the zone that a calendar means by the name it gives it, or ""."""
    bare = name.strip().strip('"')
    if known := _words()["windows"].get(bare):
        return known
    if shown := _SHOWN.fullmatch(bare):
        return _of_cities(shown[1].split(",")[:20])
    match = re.search(
        r"((?:Europe|America|Asia|Africa|Australia|Pacific|Atlantic|Etc|Indian)/[A-Za-z_/+-]{2,40})$", bare
    )
    found = ZONES.get(fold(match[1] if match else bare))
    return found or ""


def _of_cities(names: Sequence[str]) -> str:
    """Return the zone of one of these cities, if possible the one that Windows calls by them."""
    zones = [zone for name in names if (zone := _CITIES.get(fold(name)) or ZONES.get(fold(name)))]
    usual = set(_words()["windows"].values())
    return next((zone for zone in zones if zone in usual), zones[0] if zones else "")


def zone_in(text: str) -> str:
    """Return the zone that words beside a time name, or ""."""
    for match in _OF_CITY.finditer(text):
        city = next(filter(None, match.groups()))
        if zone := _CITIES.get(fold(city)) or ZONES.get(fold(city)):
            return zone
        first = city.split()[0]
        if zone := _CITIES.get(fold(first)) or ZONES.get(fold(first)):
            return zone
    if (ahead := _AHEAD.search(text)) and (
        zone := ZONES.get(fold(f"Etc/GMT{'-' if ahead[1] == '+' else '+'}{ahead[2]}"))
    ):
        return zone
    for pattern in (_LOCAL, _IN_WORDS, _ABBREVIATION):
        if found := pattern.search(text):
            said = found[found.lastindex or 0].lower()
            key = next((word for word in _words()["said"] if word == said or (word in said and len(word) > 4)), "")
            if zone := _words()["said"].get(said + " time") or _words()["said"].get(key):
                return zone
    return ""


def has_same_clock(one: str, other: str, moment: dt.datetime) -> bool:
    """Whether clocks in two zones show the same at a time."""
    return moment.replace(tzinfo=ZoneInfo(one)).utcoffset() == moment.replace(tzinfo=ZoneInfo(other)).utcoffset()


@cache
def _words() -> dict[str, dict[str, str]]:
    path = files("tmr.domain.capture.mail.times") / "zones.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
