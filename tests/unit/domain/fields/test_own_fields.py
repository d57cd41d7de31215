"""A person's own fields: what their types accept, and how their values are stored beside the declared ones."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tmr.crypto.padding import unpad
from tmr.domain.fields.own import TYPE_LABELS, OwnField
from tmr.domain.fields.type import FieldType, ValueRefusedError
from tmr.domain.fields.types.own import Line, Money, Number, OwnChoice, OwnChoices
from tmr.domain.kinds import KINDS, kinds_for, own_fields_of
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.locales.locale import locale_named
from tmr.domain.locales.typed_dates import Typing
from tmr.repository.records.codec import encode_summary, summary_reader, summary_values

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
COLOURS = (OwnChoice("_1", "Red"), OwnChoice("_2", "Sea green"), OwnChoice("_3", "Grey", is_retired=True))
VISA = OwnField("applications", "own_aaaaaaaa", "Visa fee", "money")
TEAM = OwnField("applications", "own_bbbbbbbb", "Team size", "number")
COLOUR = OwnField("applications", "own_cccccccc", "Colour", "choice", COLOURS)
FULL = {"company": "Weißdorn", "title": "SRE"}


def typing(code: str) -> Typing:
    """Return who types, in a place."""
    return Typing(locale_named(code), NOW)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("12", "12"),
        ("-3.50", "-3.5"),
        ("−3,5", "-3.5"),
        ("1,234", "1234"),
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("12,34,567.5", "1234567.5"),
        ("12,34,567", "1234567"),
        ("1 234 567", "1234567"),
        ("0.125", "0.1250"),
        ("3.725", "3.7250"),
        ("007", "7"),
        ("-0", "0"),
        (" ", None),
    ],
)
def test_numbers_are_read(typed: str, kept: str | None) -> None:
    assert Number().parse(typed) == kept


@pytest.mark.parametrize("typed", ["x", "1-2", "1.2.3", "12%", "1e5", "٣", "1" * 16, "Infinity", "1,23,4"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueRefusedError):
        Number().parse(typed)


def test_three_digits_behind_a_separator_are_read_as_a_persons_place_reads_them() -> None:
    german, british = typing("en_DE"), typing("en_GB")

    assert [Number().parse(Number().read(text, german)) for text in ("1.234", "1,234")] == ["1234", "1.2340"]
    assert [Number().parse(Number().read(text, british)) for text in ("1.234", "1,234")] == ["1.2340", "1234"]


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=3), st.sampled_from(["", "en_DE", "en_IN", "en_CH"]))
@example(Decimal("1234567.000"), "en_IN")
@example(Decimal("3.725"), "en_DE")
def test_a_number_comes_back_from_every_place_and_every_file(number: Decimal, code: str) -> None:
    field, kept = Number(), Number().parse(f"{number:f}")
    shown = field.typed(kept, locale_named(code), dt.UTC)

    assert Decimal(str(kept)) == number
    assert field.parse(field.write(kept)) == kept
    assert field.parse(field.read(field.write(kept), typing(code))) == kept
    assert field.parse(field.read(shown, typing(code))) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1200 EUR", "1200 EUR"),
        ("€1,200.50", "1200.5 EUR"),
        ("65k usd", "65000 USD"),
        ("$65k", "65000 USD"),
        ("1.200,50 €", "1200.5 EUR"),
        ("40", "40"),
        ("", None),
    ],
)
def test_money_is_read_with_its_currency(typed: str, kept: str | None) -> None:
    assert Money().parse(typed) == kept
    assert Money().parse(Money().write(kept)) == kept


@pytest.mark.parametrize("typed", ["EUR", "about 5", "€5 EUR", "5 euros", "-5 EUR", "9" * 13, "5 EUR 6"])
def test_what_is_no_money_is_refused(typed: str) -> None:
    with pytest.raises(ValueRefusedError):
        Money().parse(typed)


def test_choices_are_known_by_their_words_and_kept_by_their_keys() -> None:
    colours = OwnChoices(COLOURS)

    assert [colours.parse(word) for word in ("red", "SEA-GREEN", "_2", "Grey", "")] == ["_1", "_2", "_2", "_3", None]
    assert [colours.write(key) for key in ("_1", "_3", None)] == ["Red", "Grey", ""]
    assert [label for label, _ in colours.control_options("Grey")] == ["Grey", "Red", "Sea green"]
    assert [key for key, _ in colours.filter_options] == ["_1", "_2"]
    with pytest.raises(ValueRefusedError, match="Choose one of: Red, Sea green"):
        colours.parse("Blue")


@given(st.text(max_size=60), st.sampled_from(sorted(TYPE_LABELS)))
def test_whatever_is_accepted_reads_back_as_it_was_written(text: str, of: str) -> None:
    kind_of: FieldType = OwnField("tasks", "own_x", "x", of, COLOURS).as_field(9).type
    try:
        once = kind_of.parse(text)
    except ValueRefusedError:
        return

    assert kind_of.parse(kind_of.write(once)) == once


def test_a_line_has_room_for_a_thousand_characters() -> None:
    assert Line().parse("x" * 1_000) == "x" * 1_000
    with pytest.raises(ValueRefusedError):
        Line().parse("x" * 1_001)


def test_own_fields_belong_to_the_kind_that_they_were_declared_for() -> None:
    kinds = kinds_for(own_fields=(VISA, TEAM))

    assert [field.label for field in kinds["applications"].columns[-2:]] == ["Visa fee", "Team size"]
    assert kinds["contacts"] is KINDS["contacts"]
    assert own_fields_of(kinds) == (VISA, TEAM)
    assert own_fields_of(KINDS) == ()


def test_a_record_without_own_values_is_stored_as_before() -> None:
    kind = kinds_for(own_fields=(VISA,))["applications"]

    assert encode_summary(kind, {**FULL, VISA.name: None}) == encode_summary(APPLICATION, FULL)


def test_own_values_follow_their_field_whatever_else_is_declared() -> None:
    first, second = (kinds_for(own_fields=own)["applications"] for own in ((VISA, TEAM), (COLOUR, TEAM)))
    content = unpad(encode_summary(first, {**FULL, VISA.name: "90 EUR", TEAM.name: "7"}))

    slots, again = summary_reader(first)(content), summary_reader(second)(content)

    assert [slots[first.by_name[field.name].number] for field in (VISA, TEAM)] == ["90 EUR", "7"]
    assert [again[second.by_name[field.name].number] for field in (COLOUR, TEAM)] == [None, "7"]
    assert "90 EUR" not in again  # a search looks into every slot
    without_own, read = unpad(encode_summary(APPLICATION, FULL)), summary_reader(APPLICATION)
    assert read(content) == read(without_own)


def test_values_of_a_field_that_is_not_known_outlive_a_change() -> None:
    """Undo, the timeline and links write records with the kinds as they are declared."""
    kind = kinds_for(own_fields=(VISA,))["applications"]
    stored = unpad(encode_summary(kind, {**FULL, VISA.name: "90 EUR"}))

    rewritten = unpad(encode_summary(APPLICATION, {**summary_values(APPLICATION, stored), "company": "Zanzibar"}))

    assert summary_values(kind, rewritten) | FULL == summary_values(kind, stored)
