"""A cell for a record that is there already: it is read as imports read it, but its rest cannot go to the notes."""

from tmr.domain.fields.folding import fold
from tmr.domain.fields.kind import Kind
from tmr.domain.fields.type import Field
from tmr.domain.fields.types.choices import Choice
from tmr.domain.fields.types.numbers import Amount, Currency, Rating
from tmr.domain.fields.types.stages import StageChoice
from tmr.domain.fields.types.texts import LongText, Url
from tmr.domain.importing.proposing.short_values import short_value
from tmr.domain.importing.proposing.statuses import read_stage
from tmr.domain.importing.readers.html_text import plain_text
from tmr.domain.importing.readers.links import read_link
from tmr.domain.importing.readers.money.salaries import read_salary
from tmr.domain.importing.rows.moments import MomentReader

SHORTEST_CHOICE = 4  # letters that a choice may be shortened to, such as "Phone" for a phone screen


def texts_of(kind: Kind, field: Field, cell: str, moments: MomentReader, order: str) -> dict[str, str]:
    """Return what a cell says as texts that fields take, by their names; empty where it says more than they can.

    An import keeps the rest of such a cell in the notes. Here it would be lost, so nothing is read of it.
    """
    if field.together or isinstance(field.type, Amount):
        return _pay(kind, field, cell)
    text = _text(field, cell, moments, order)
    return {field.name: text} if text else {}


def _text(field: Field, cell: str, moments: MomentReader, order: str) -> str:
    if isinstance(field.type, StageChoice):
        guess = read_stage(field.type.pipeline, cell)
        return guess.stage.key if guess and guess.is_all else ""
    if field.type.is_dated:
        text, rest = moments.read(field, cell, order)
        return "" if rest else text
    if isinstance(field.type, Url):
        link = read_link(cell)
        return link.url if link and not link.rest else ""
    if isinstance(field.type, LongText):
        return plain_text(cell)
    if isinstance(field.type, Choice | Rating):
        text, rest = short_value(field.type, cell)
        return (_only_choice(field.type, cell) or text) if not rest else ""
    return ""


def _only_choice(kind_of: Choice | Rating, cell: str) -> str:
    """Return the only choice that begins with the cell, or nothing."""
    word = fold(cell)
    if len(word) < SHORTEST_CHOICE or isinstance(kind_of, Rating):
        return ""
    matching = [key for key, label in kind_of.options if fold(label).startswith(word)]
    return matching[0] if len(matching) == 1 else ""


def _pay(kind: Kind, field: Field, cell: str) -> dict[str, str]:
    pay = read_salary(cell)
    if pay is None or pay.rest:
        return {}
    if field.together:
        return {**dict.fromkeys(("salary_min", "salary_max"), ""), **pay.texts}
    amounts = [pay.texts[name] for name in ("salary_min", "salary_max") if name in pay.texts]
    if len(amounts) != 1 or "salary_period" in pay.texts:
        return {}
    beside = next((other.name for other in kind.fields if isinstance(other.type, Currency)), "")
    currency = {beside: pay.texts["salary_currency"]} if beside and "salary_currency" in pay.texts else {}
    return {**currency, field.name: amounts[0]}
