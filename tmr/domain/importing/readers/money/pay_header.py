"""What the header of a column of pay says of all the pay below it."""

import re
from collections.abc import Callable

import msgspec

from tmr.domain.fields.kind import Kind
from tmr.domain.importing.headers import CERTAIN, SALARY, header_scores, words_of
from tmr.domain.importing.readers.money.salaries import Pay

_MOST = frozenset({"max", "maximum", "highest", "maximal", "maximo", "massimo"})  # of pay in one column
# How words begin by which pay is what a person asks for, and not what is offered.
_WISHED = (
    *("expect", "desired", "wish", "asking", "target", "wunsch", "gehaltswunsch", "gehaltsvorstellung", "vorstellung"),
    *(
        "pretens",
        "pretes",
        "pretent",
        "souhait",
        "expectativa",
        "aspirac",
        "richiest",
        "desiderat",
        "verwacht",
        "gewenst",
    ),
    *("oczekiw", "loneansprak", "onskad", "希望", "期望"),
)
_HALVES = re.compile(r"/|\bor\b")


class PayHeader(msgspec.Struct, frozen=True):
    """A header of pay: ``said`` holds for each cell below it, ``is_most`` is a maximum, ``is_wished`` is asked for."""

    label: str
    said: dict[str, str]
    is_most: bool
    is_wished: bool


def pay_header(kind: Kind, label: str, read_pay: Callable[[str], Pay | None]) -> PayHeader:
    """Return what ``label`` says of the cells below it; ``read_pay`` reads a text as pay."""
    words = words_of(label)
    is_wished = any(word.startswith(_WISHED) for word in words)
    return PayHeader(label, _said_of_all(kind, label, read_pay), not _MOST.isdisjoint(words), is_wished)


def _said_of_all(kind: Kind, label: str, read_pay: Callable[[str], Pay | None]) -> dict[str, str]:
    """Return the currency and the period in a header, as in “Monthly salary (EUR)”.

    One that names pay twice, such as “Day rate / salary”, has no period of all.
    """
    bare = label.replace("(", " ").replace(")", " ")
    words = [*bare.split(), *bare.replace("/", " /").split()]
    found = [said.texts for words_of_one in (label, *words) if (said := read_pay(f"1000 {words_of_one}"))]
    texts = {name: text for said in reversed(found) for name, text in said.items()}
    halves = [half for half in _HALVES.split(label) if half.strip()]
    is_of_two = sum(header_scores(kind, half).get(SALARY, 0) >= CERTAIN for half in halves) > 1
    said_of_all = ("salary_currency",) if is_of_two else ("salary_currency", "salary_period")
    return {name: texts[name] for name in said_of_all if name in texts}
