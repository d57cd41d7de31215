"""What fields accept, refuse and write back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmr.domain.fields.amounts import read_amount
from tmr.domain.fields.type import FieldType, ValueRefusedError
from tmr.domain.fields.types.choices import Choice
from tmr.domain.fields.types.dates import Date
from tmr.domain.fields.types.numbers import Amount, Currency, Rating
from tmr.domain.fields.types.stages import StageChoice
from tmr.domain.fields.types.texts import LongText, Tags, Url
from tmr.domain.kinds.application import APPLICATION

texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=200)


@given(texts)
def test_text_is_kept_once_and_for_all(text: str) -> None:
    for kind_of in (FieldType(), LongText()):
        once = kind_of.parse(text)
        assert kind_of.parse(kind_of.write(once)) == once


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "x" * 301])
def test_text_that_is_none_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(ValueRefusedError):
        FieldType().parse(text)


def test_long_text_keeps_blank_lines_and_leading_white_space() -> None:
    assert LongText().parse("\r\n  a\r\n\r\nb\r") == "\n  a\n\nb\n"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://jobs.example/1?a=b#c", "https://jobs.example/1?a=b#c"),
        ("jobs.example/1", "https://jobs.example/1"),
        ("HTTP://Jobs.example", "HTTP://Jobs.example"),
        ("  ", None),
    ],
)
def test_urls_are_kept(typed: str, kept: str | None) -> None:
    assert Url().parse(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://a.example",
        "https://",
        "https://a b.example",
        "//a.example",
        "x",
    ],
)
def test_i2_other_urls_are_refused(typed: str) -> None:
    with pytest.raises(ValueRefusedError):
        Url().parse(typed)


@pytest.mark.parametrize("typed", ["Résumé", "resume", "RE-SU_ME"])
def test_choices_fold_case_accents_and_separators(typed: str) -> None:
    assert Choice("Résumé", "Other").parse(typed) == "résumé"


@pytest.mark.parametrize(
    ("word", "stage"),
    [("No answer", "no answer"), ("no_answer", "no answer"), ("Absage", "rejected"), ("entretien", "interviewing")],
)
def test_stages_are_found_by_many_words(word: str, stage: str) -> None:
    assert StageChoice().parse(word) == stage


def test_an_unknown_stage_is_refused_and_never_guessed() -> None:
    with pytest.raises(ValueRefusedError, match="Choose one of"):
        StageChoice().parse("zorp")


@pytest.mark.parametrize("typed", ["2026-02-30", "24.11.2026", "1800-01-01", "99999-01-01", "today"])
def test_other_dates_are_refused(typed: str) -> None:
    with pytest.raises(ValueRefusedError):
        Date().parse(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("85000", "85000"),
        ("85,000", "85000"),
        ("85.000", "85000"),
        ("85 000", "85000"),
        ("85'000", "85000"),
        ("85k", "85000"),
        ("1.5m", "1500000"),
        ("45.50", "45.5"),
        ("45,5", "45.5"),
        ("1.234.567,89", "1234567.89"),
        ("1,234,567.89", "1234567.89"),
        ("", None),
    ],
)
def test_amounts_are_read_as_people_write_them(typed: str, kept: str | None) -> None:
    assert Amount().parse(typed) == kept


@pytest.mark.parametrize("typed", ["-5", "1e9", "٣", "12.345.6", "nan", "1" * 16, "1000000m", "--"])
def test_other_amounts_are_refused(typed: str) -> None:
    with pytest.raises(ValueRefusedError):
        Amount().parse(typed)


@given(st.integers(0, 10**10).map(lambda cents: f"{cents // 100}.{cents % 100:02}"))
def test_amounts_come_back(text: str) -> None:
    once = Amount().parse(text)

    assert Amount().parse(Amount().write(once)) == once
    assert read_amount(str(once)) == read_amount(text)


def test_currencies_are_codes_or_known_symbols() -> None:
    assert [Currency().parse(text) for text in ("eur", "€", "")] == ["EUR", "EUR", None]
    with pytest.raises(ValueRefusedError):
        Currency().parse("euros")


def test_a_rating_of_zero_is_a_value_of_its_own() -> None:
    assert [Rating().parse(text) for text in ("0", "5", "3.0", "")] == [0, 5, 3, None]
    for refused in ("6", "-1", "2.5", "nan", "inf"):
        with pytest.raises(ValueRefusedError):
            Rating().parse(refused)


def test_tags_are_kept_in_order_each_once() -> None:
    assert Tags().parse("Python; sql, python | Rust;;") == ["Python", "sql", "Rust"]
    assert Tags().write(["a", "b c"]) == "a; b c"


def test_a_salary_maximum_below_the_minimum_is_refused() -> None:
    _, errors = APPLICATION.parse({"salary_min": "90k", "salary_max": "80k"})

    assert errors == {"salary_max": "This must not be lower than “Salary”."}


def test_field_numbers_are_used_once() -> None:
    for fields, reserved in ((APPLICATION.summary, {0, 1}), (APPLICATION.detail, {0})):
        numbers = [field.number for field in fields]
        assert len(numbers) == len(set(numbers))
        assert not set(numbers) & reserved
