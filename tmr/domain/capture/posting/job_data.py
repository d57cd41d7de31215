"""The JobPosting of schema.org in a page, whether as JSON-LD or as microdata: which one it is, and what it says."""

import datetime as dt
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from tmr.domain.capture.page.lenient_json import read_json
from tmr.domain.capture.page.markup import Page
from tmr.domain.capture.posting.taken import DATA, MICRODATA, Fields
from tmr.domain.capture.posting.text import description_text
from tmr.domain.capture.words.names import (
    clean_company,
    clean_title,
    country_name,
    joined,
    one_line,
    place_of,
)
from tmr.domain.fields.amounts import canonical_amount, read_amount
from tmr.domain.fields.folding import fold
from tmr.domain.fields.urls import normalised_url
from tmr.domain.importing.readers.dates import DAY_FIRST, read_date
from tmr.domain.importing.readers.money.salaries import read_salary
from tmr.domain.importing.readers.words.pay import CODES, currency_of, period_of
from tmr.domain.kinds.application import APPLICATION

Node = Mapping[str, Any]
_MOST_NODES = 20_000
_DEEPEST = 30
_DEEPEST_ITEM = 8  # of microdata, below its posting
_ISO_DATE = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)")
_EMPLOYMENT = {
    "fulltime": "full-time", "parttime": "part-time", "contractor": "contract", "contract": "contract",
    "temporary": "temporary", "intern": "internship", "internship": "internship", "volunteer": "volunteer",
    "perdiem": "temporary", "seasonal": "temporary", "freelance": "contract", "apprenticeship": "apprenticeship",
    "permanent": "full-time", "fixedterm": "contract",
}  # fmt: skip
_STRONGER = ("internship", "apprenticeship", "volunteer", "temporary", "contract")  # than full-time and part-time
_PERIODS = {
    "HOUR": "hour",
    "DAY": "day",
    "WEEK": "week",
    "MONTH": "month",
    "YEAR": "year",
    "ANNUAL": "year",
    "P1Y": "year",
    "P1M": "month",
    "PT1H": "hour",
    "HUR": "hour",
    "ANN": "year",
    "MON": "month",
    "WEE": "week",
}


def posting_in(page: Page, url: str) -> tuple[Node, str] | None:
    """Return the one posting that a page is about, and where it was; None where several are as likely."""
    graph = [node for text in page.json_ld for value in read_json(text) for node in _nodes(value)]
    by_id = {node["@id"]: node for node in graph if isinstance(node.get("@id"), str) and len(node) > 1}
    data = [(_resolved(node, by_id), DATA) for node in graph if _is_posting(node)]
    micro = [(_flat(node), MICRODATA) for item in page.items for node in _nodes(item) if _is_posting(node)]
    found = data or micro
    if len(found) < 2:
        return found[0] if found else None
    wanted = {normalised_url(link) for link in (url, page.canonical, page.metas.get("og:url", "")) if link}
    said = [fold(text) for text in (*page.headings[:3], page.title, page.metas.get("og:title", "")) if text]
    scored = [(_likeliness(node, wanted, said), -at) for at, (node, _) in enumerate(found)]
    best, at = max(scored)
    return found[-at] if best > 0 else None


def _likeliness(node: Node, wanted: set[str], said: list[str]) -> int:
    link, title = _text_of(node.get("url")), fold(clean_title(_first(node.get("title") or node.get("name"))))
    main = node.get("mainEntityOfPage")
    links = {normalised_url(one) for one in (link, _text_of(main), _text_of(node.get("@id"))) if one}
    return (
        4 * bool(wanted & links)
        + 2 * any(title and title in text for text in said[:1])
        + any(title and title in text for text in said)
    )


def take_job_data(fields: Fields, node: Node, source: str, language: str) -> None:
    """Put what a JobPosting says into fields."""
    fields.put("title", clean_title(_first(node.get("title")) or _first(node.get("name"))), source)
    fields.put("company", _company(node.get("hiringOrganization") or node.get("employer")), source)
    is_remote = "TELECOMMUTE" in str(node.get("jobLocationType") or "").upper()
    fields.put("work_mode", "remote" if is_remote else "", source)
    places = [place_of(_address(place), language) for place in _many(node.get("jobLocation"))]
    if not any(places) and is_remote:
        needed = _many(node.get("applicantLocationRequirements"))
        places = [country_name(one_line(one.get("name") if isinstance(one, Mapping) else one)) for one in needed]
    fields.put("location", joined(places), source)
    fields.put("employment_type", employment_of(_many(node.get("employmentType"))), source)
    for name, value in _salary(node).items():
        fields.put(name, value, source)
    fields.put("deadline_on", _deadline(node), source)
    fields.put("job_description", description_text(_first(node.get("description")) or ""), source)


def employment_of(words: Iterable[object]) -> str:
    """Return the one type of employment that words mean; "" where a person can choose between full and part time."""
    found = []
    for said in words:
        for word in re.split(r"[,;|/]| or ", one_line(said)):
            kind = _EMPLOYMENT.get(fold(word).replace("employmenttype", "").rpartition("/")[2])
            found.append(kind or _choice(word))
    kinds = set(filter(None, found))
    for stronger in _STRONGER:
        if stronger in kinds:
            return stronger
    return kinds.pop() if len(kinds) == 1 else ""


def _choice(word: str) -> str:
    try:
        return str(APPLICATION.by_name["employment_type"].type.parse(word) or "")
    except ValueError:
        return ""


def _nodes(value: object) -> Iterator[Node]:
    """Yield every object within a value, the outer ones first."""
    waiting: deque[tuple[object, int]] = deque([(value, 0)])
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        one, depth = waiting.popleft()
        if isinstance(one, Mapping):
            yield one
        if depth < _DEEPEST and isinstance(one, Mapping | list):
            inner = one.values() if isinstance(one, Mapping) else one
            waiting.extend((part, depth + 1) for part in inner if isinstance(part, Mapping | list))


def _is_posting(node: Node) -> bool:
    kinds = _many(node.get("@type"))
    return any(isinstance(kind, str) and re.fullmatch(r"(?:.*[/:#])?JobPosting", kind[:100]) for kind in kinds)


def _resolved(node: Node, by_id: Mapping[str, Node]) -> Node:
    """Return an object with what it refers to by ``@id`` in its place, one step deep."""
    return {key: [_referred(one, by_id) for one in _many(value)] for key, value in list(node.items())[:200]}


def _referred(value: object, by_id: Mapping[str, Node]) -> object:
    if isinstance(value, Mapping) and len(value) <= 2 and isinstance(value.get("@id"), str):
        return by_id.get(value["@id"], value)
    if (
        isinstance(value, Mapping)
        and isinstance(inner := value.get("address"), Mapping)
        and set(inner) <= {"@id", "@type"}
    ):
        return {**value, "address": by_id.get(str(inner.get("@id")), inner)}
    return value


def _flat(node: Node, depth: int = 0) -> Node:
    """Return an item of microdata with lists that are not too long, and without the items too deep in it."""
    if depth >= _DEEPEST_ITEM:
        return {}
    return {
        key: [_flat(one, depth + 1) if isinstance(one, Mapping) else one for one in _many(value)]
        for key, value in node.items()
    }


def _many(value: object) -> list[Any]:
    return list(value[:50]) if isinstance(value, list) else [] if value is None else [value]


def _first(value: object) -> Any:
    return next(iter(_many(value)), None)


def _text_of(value: object) -> str:
    value = _first(value)
    if isinstance(value, Mapping):
        value = _first(value.get("@id")) or _first(value.get("url"))
    return value[:2_000] if isinstance(value, str) else ""


def _company(value: object) -> str:
    value = _first(value)
    if isinstance(value, Mapping):
        value = _first(value.get("name")) or _first(value.get("legalName"))
    return clean_company(value)


def _address(place: object) -> object:
    if isinstance(place, Mapping):
        address = _first(place.get("address"))
        if isinstance(address, Mapping):
            return address
        return address or _first(place.get("name")) or place
    return place


def _deadline(node: Node) -> str:
    text, posted = (one_line(_first(node.get(key))) for key in ("validThrough", "datePosted"))
    until = date_of(text)
    since = date_of(posted)
    if until is None or not 2000 <= until.year <= 2100 or (since and until < since):
        return ""
    return until.isoformat()


def date_of(text: str) -> dt.date | None:
    """Return the day at the beginning of a date of JSON-LD, as it is written, or of one as people write it."""
    if match := _ISO_DATE.match(text):
        try:
            return dt.date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            return None
    return read_date(text, DAY_FIRST) if text else None


def _salary(node: Node) -> dict[str, str]:
    said = _first(node.get("baseSalary"))
    if isinstance(said, str):
        pay = read_salary(" ".join(said.split())[:200])
        return dict(pay.texts) if pay else _of_number(said, node)
    if isinstance(said, int | float) and not isinstance(said, bool):
        return _of_number(str(said), node)
    return _amounts(said, node) if isinstance(said, Mapping) else {}


def _of_number(text: str, node: Node) -> dict[str, str]:
    return _amounts({"value": text}, node)


def _amounts(said: Node, node: Node) -> dict[str, str]:
    value = _first(said.get("value"))
    inner: Node = value if isinstance(value, Mapping) else {}
    low, high = (_amount(_first(inner.get(key)) or _first(said.get(key))) for key in ("minValue", "maxValue"))
    if low is None and high is None:
        said_once = _first(inner.get("value")) if inner else value
        low = _amount(said_once)
        if low is None and isinstance(said_once, str) and (pay := read_salary(said_once[:200])):
            return {**_unit(said, inner, node), **pay.texts}
    if low is None and high is None:
        return {}
    if low is not None and high is not None and low > high:
        low, high = high, low
    texts = {
        "salary_min": canonical_amount(low) if low is not None else "",
        "salary_max": canonical_amount(high) if high is not None and high != low else "",
        **_unit(said, inner, node),
    }
    return {name: text for name, text in texts.items() if text}


def _unit(said: Node, inner: Node, node: Node) -> dict[str, str]:
    """Return the currency and the period that a pay names, in whichever of its places."""
    code = next(
        (
            one_line(_first(one))
            for one in (said.get("currency"), inner.get("currency"), node.get("salaryCurrency"))
            if one_line(_first(one))
        ),
        "",
    )
    unit = one_line(_first(inner.get("unitText")) or _first(said.get("unitText")) or _first(said.get("duration")))
    texts = {
        "salary_currency": code.upper() if code.upper() in CODES else currency_of(code),
        "salary_period": _PERIODS.get(unit.upper(), "") or period_of(unit),
    }
    return {name: text for name, text in texts.items() if text}


def _amount(value: object) -> Decimal | None:
    """Return an amount that is more than nothing; boards write numbers and texts, with a point or a comma."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = re.sub(r"[^\d.,kK]", "", f"{value:.2f}" if isinstance(value, float) else str(value)[:40])
    try:
        amount = (
            Decimal(text)
            if re.fullmatch(r"\d{1,12}\.\d{1,6}", text) and not re.fullmatch(r"\d{1,3}\.\d{3}", text)
            else read_amount(text)
        )
    except ArithmeticError:
        return None
    return amount if amount and 0 < amount < 10**12 else None
