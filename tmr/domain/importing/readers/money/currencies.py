"""Which country's money a sign means that several countries share, such as ``$`` and ``kr``: by what the list says."""

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import msgspec

from tmr.domain.fields.folding import fold

MAX_CHARS, MAX_COLUMNS = 200, 40  # of a cell, and of a row
FEWEST_ROWS = 2
SHARE = 0.25  # of the rows
_OF_HEADER = 2  # rows: what the headers say counts for so many
_USUAL = "USD"  # what a bare dollar sign is in a list that says nothing of a country
_WORD = re.compile(r"[^\W_]+")
_REGION = re.compile(r"[\s,(]([A-Z]{2,4})\)?(?:\s+[A-Z]?\d[\dA-Z ]{2,6})?$")  # Geelong VIC 3220
_HOST = re.compile(r"(?:^|://|@)([\w.-]+)")
_MOBILE = re.compile(r"04\d\d ?\d{3} ?\d{3}")  # Australian, without its prefix
_SUPER = re.compile(r"\+\s?super\b", re.IGNORECASE)  # Australian: a pension beside the pay
_CODE = re.compile(r"\b([A-Z]{3})\s?\$?\s?\d|\d[kK]?\s?([A-Z]{3})\b|[(\[]([A-Z]{3})[\s$)\]]")
_LONGEST_PLACE = 60  # characters: what is longer may speak of anything
_FAR_EAST = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


class _Country(msgspec.Struct, frozen=True):
    """What tells that a list is of the country whose money this is."""

    code: str
    sign: str
    names: frozenset[str]
    alone: frozenset[str]
    phrases: tuple[str, ...]
    regions: frozenset[str]
    endings: frozenset[str]
    phones: tuple[str, ...]


def signs_of(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return the currency of each shared sign that the headers and a sample of the rows are clear about.

    Places, addresses, phone numbers, codes and the language of the headers count. A country counts where a quarter of
    the rows speak of it, and fewer of any other with the same sign: a list that names two of them as often leaves the
    sign as it is.
    """
    counts: Counter[str] = Counter()
    for row in rows:
        counts.update(_countries_in(row))
    named = Counter(dict.fromkeys(_countries_in(header), _OF_HEADER))
    fewest = max(min(FEWEST_ROWS, len(rows)), SHARE * len(rows))
    found = {}
    for sign, codes in _by_sign().items():
        likely = sorted(codes, key=lambda code: -(counts + named)[code])
        first, second = (counts[code] + named[code] for code in likely[:2])
        if first > second and (first >= fewest or named[likely[0]]) and likely[0] != _USUAL:
            found[sign] = likely[0]
    return found


def _countries_in(cells: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for cell in cells[:MAX_COLUMNS]:
        if text := cell[:MAX_CHARS].strip():
            found |= _countries_of(text)
    return found


def _countries_of(text: str) -> set[str]:
    codes = {code for found in _CODE.findall(text) for code in found if code}
    hosts = {host.rpartition(".")[2] for host in _HOST.findall(text.lower())} if "." in text else set()
    is_australian = bool(_MOBILE.fullmatch(text) or _SUPER.search(text))
    found = {
        country.code
        for country in _countries()
        if country.code in codes
        or hosts & country.endings
        or text.startswith(country.phones)
        or (is_australian and country.code == "AUD")
    }
    return found | _countries_named(text) if len(text) <= _LONGEST_PLACE else found


def _countries_named(text: str) -> set[str]:
    """Return the countries that a short cell, or a header, names by a place, a region or a word of theirs."""
    written = [word.casefold() for word in _WORD.findall(text)]  # with its accents, which tell Danish from Swedish
    spelled = [fold(word) for word in written]
    names, joined = {*written, *spelled}, "".join(spelled)
    line = text if _FAR_EAST.search(text) else f" {' '.join(spelled)} "
    region = _REGION.search(text)
    return {
        country.code
        for country in _countries()
        if names & country.names
        or joined in country.alone
        or any(phrase in line for phrase in country.phrases)
        or (region and region[1] in country.regions)
    }


@cache
def _countries() -> tuple[_Country, ...]:
    path = files("tmr.domain.importing.readers.words") / "countries.toml"
    return tuple(_read(code, said) for code, said in tomllib.loads(path.read_text(encoding="utf-8")).items())


def _read(code: str, said: Mapping[str, str]) -> _Country:
    places, words, alone = (_names(said.get(key, "")) for key in ("places", "words", "alone"))
    several = [" ".join(map(fold, _WORD.findall(name))) for name in (*places, *words) if " " in name]
    return _Country(
        code,
        said["sign"],
        frozenset([*map(fold, places), *(word.casefold() for word in words)]),
        frozenset(map(fold, alone)),
        (*(f" {name} " for name in several), *(name for name in (*places, *words) if _FAR_EAST.search(name))),
        frozenset(said["regions"].split()),
        frozenset(said["endings"].split()),
        tuple(said["phones"].split()),
    )


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


@cache
def _by_sign() -> Mapping[str, tuple[str, ...]]:
    signs: dict[str, tuple[str, ...]] = {}
    for country in _countries():
        signs[country.sign] = (*signs.get(country.sign, ()), country.code)
    return signs
