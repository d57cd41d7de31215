"""The words of a posting in the form in which they are kept: titles, companies, places."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from html import unescape
from importlib.resources import files
from typing import Any

from tmr.domain.fields.folding import fold

_SHORT_GENDER = r"(?:[mwfdxhiagnv*]|div|all|gn)"
_GENDER = re.compile(
    rf"\s*[(\[](?:{_SHORT_GENDER}(?:\s?[/|,.\-–·:]\s?{_SHORT_GENDER}){{1,4}}|all\s?genders?|alle\s(?:geschlechter"
    rf"|gender)"
    r"|gn\*?|f/h/x|hombre/mujer|h/m|homme/femme|femme/homme|mujer/hombre|any gender|gender[\s-]?neutral|divers"
    r"|[mwfd]{2,4}|div\.?)[)\]]"
    r"|\s+[-–|]?\s?\b[HhFfMmWwDd](?:/[HhFfMmWwDdXx]){1,3}\b(?=\s*$|\s+[-–|])",
    re.IGNORECASE,
)
_CODE_BEFORE = re.compile(r"^[A-Z]{2,4}[-_]?\d{2,6}\s+(?=\S)")
_REQUISITION = re.compile(
    r"\s*[\[(]?\b(?:R|JR|REQ|Ref|ID|Kennziffer|Job)[-_.:#\s]{0,2}\d[\d\-_/]{3,}\b[)\]]?$|^[A-Z]{1,3}-?\d{4,}\s+"
)
_REGION_CODE = re.compile(r"[A-Z]{2,3}")
_WITH_REGIONS = ("US", "CA", "AU", "USA", "United States", "Canada", "Australia")
_STREET_BEFORE = re.compile(r"^\d{1,5}\s[^,]{2,40},\s(?=[A-Z][^,]{1,40},\s[A-Z]{2}\b)")  # “212 W Pine St, Boise, ID”
_HOW_MANY = re.compile(
    r"^\d{1,2}\s(?:postes?|stellen?|positions?|plazas?|puestos?|vacantes?)\s(?:d(?:e\s|['’]))?(?=[A-ZÀ-Ý])"
)
_POSTCODE = re.compile(
    r"^(?:[A-Z]{1,2}-)?\d{4,5}\s+(?=\D)|^\d{2,3}\s[-–]\s(?=\D)|\s*\(\d{2,5}\)$|(?<=[A-Z]{2})\s\d{5}(?:-\d{4})?$"
)
_REGION_IN_BRACKETS = re.compile(r"(?<=\w)\s{0,2}\(([A-ZÀ-Ý][^()\d]{2,40})\)$")
_NOBODY = re.compile(
    r"^(?:confidential|anonymous|private|n/?a|company|employer|unternehmen|empresa|entreprise"
    r"|company confidential|anonym\w*|vertraulich|confidentiel|confidencial)$",
    re.IGNORECASE,
)
# What stands after a company's name to say of what kind it is.
LEGAL_FORM = re.compile(
    r"(?<![\s,])[\s,]++"
    r"(?:(?:gemeinnützige\s)?(?:GmbH|AG|SE|KG|KGaA|OHG|UG|e\.?\s?V\.?|eG|GbR|mbH|gGmbH|e\.?\s?K\.?|Stiftung"
    r"|AöR)"
    r"(?:\s?\(haftungsbeschränkt\))?(?:\s?&\s?Co\.?(?:\s?(?:KG|KGaA|OHG))?)?"
    r"|Inc\.?|Incorporated|LLC|L\.L\.C\.|Ltd\.?|Limited|PLC|plc|LLP|LP|Corp\.?|Corporation|Co\.|Company"
    r"|Pty\.?(?:\sLtd\.?)?"
    r"|S\.?A\.?S\.?U?\.?|SARL|S\.à\sr\.l\.|S\.A\.R\.L\.|EURL|SCOP|SNC|S\.?A\.?|S\.\sL\.|S\.?L\.?U?\.?|S\.?L\.?L\.?"
    r"|S\.\sCoop\.|"
    r"S\.?p\.?A\.?|S\.?r\.?l\.?|B\.?V\.?|N\.?V\.?|AB|A/S|ApS|AS|ASA|Oy|Oyj|sp\.\sz\s?o\.o\.|Lda\.?|S\.?C\.?|Kft\.?"
    r"|a\.s\.|s\.r\.o\.)"
    r"(?![\w])\.?",
)


def one_line(value: object, most: int = 300) -> str:
    """Return a value of a page as one line, its entities read up to twice: boards write ``&amp;amp;``."""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    text = str(value)[: most * 8]
    return " ".join(unescape(unescape(text)).replace("\0", "").split())[:most]


def clean_title(value: object) -> str:
    """Return a title without the mark that all genders are meant, and without a requisition's number."""
    text = _HOW_MANY.sub("", one_line(value))
    text = " ".join(_GENDER.sub(" ", text).split()).replace(" ,", ",")
    return _REQUISITION.sub("", text).strip(" -–—|·:,")


def has_gender_mark(text: str) -> bool:
    """Whether a line has the mark that titles of postings have, such as (m/w/d)."""
    return bool(_GENDER.search(text))


def clean_company(value: object) -> str:
    """Return a company's name without the number that an applicant system puts before it."""
    text = _CODE_BEFORE.sub("", one_line(value)).strip(" -–—|·,")
    return "" if _NOBODY.match(text) or not re.search(r"[^\W\d_]|\d{3}", text) else text


def bare_company(name: str) -> str:
    """Return a company's name without its legal form."""
    text, before = name, ""
    while text != before:
        before, text = text, _trailing_form(text)
    return text.strip(" ,&") or name


def _trailing_form(text: str) -> str:
    last = None
    for match in LEGAL_FORM.finditer(text):
        last = match
    return text[: last.start()] if last and last.end() >= len(text.rstrip()) and last.start() > 1 else text


def place_of(address: object, language: str) -> str:
    """Return a place as people write it: town, region where it tells towns apart, country where it is another one."""
    if isinstance(address, list):
        return place_of(address[0], language) if address else ""
    if not isinstance(address, Mapping):
        return clean_place(one_line(address))
    # A name of its own may end in brackets, as “Halle (Saale)”.
    town, region = (_bare_place(one_line(_first(address.get(key)))) for key in ("addressLocality", "addressRegion"))
    said = _first(address.get("addressCountry"))
    country = one_line(said.get("name") if isinstance(said, Mapping) else said)
    parts = [town or region]
    if not parts[0]:
        street = one_line(_first(address.get("name")) or _first(address.get("streetAddress")))
        return street or country_name(country)
    if town and country in (*_WITH_REGIONS, "") and _REGION_CODE.fullmatch(region) and region not in town:
        parts.append(region)
    elif (name := _written_country(country, language)) and name.casefold() not in parts[0].casefold():
        parts.append(name)
    return ", ".join(parts)


def clean_place(text: str) -> str:
    """Return the line of a place without its postcode and the marks around it, a region behind a comma."""
    return _REGION_IN_BRACKETS.sub(r", \1", _bare_place(text))


def _bare_place(text: str) -> str:
    text = _STREET_BEFORE.sub("", text.strip(" -–—|·,;/"))
    return _POSTCODE.sub("", text).strip(" -–—|·,;/")


def country_name(country: str) -> str:
    """Return the name of a country that is said by its code; another text as it is."""
    known = countries().get(country.upper())
    return known[0] if known else country


@cache
def countries() -> dict[str, tuple[str, frozenset[str]]]:
    """Return the countries that are known, by code: their names, and the languages that leave them out."""
    path = files("tmr.domain.capture.words") / "countries.toml"
    said = tomllib.loads(path.read_text(encoding="utf-8"))
    return {code: (name, frozenset(languages.split())) for code, (name, languages) in said.items()}


def joined(places: Iterable[str]) -> str:
    """Return several places as one value, at most ten; the same in two spellings is one."""
    by_word: dict[str, str] = {}
    for place in filter(None, places):
        by_word.setdefault(fold(place), place)  # “Valencia/València”
    return "; ".join(list(by_word.values())[:10])


def _written_country(country: str, language: str) -> str:
    known = countries().get(country.upper())
    if known is None:
        return country
    return "" if language in known[1] or not language else known[0]


def _first(value: Any) -> Any:
    return (value[0] if value else "") if isinstance(value, list) else value
