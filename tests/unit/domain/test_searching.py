"""A search finds a name and a phone number however they are written."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmr.domain.kinds.contact import CONTACT
from tmr.domain.record import Scanned
from tmr.domain.searching import find, searched_slots, text_filter, text_test, texts_of


def finds(q: str, **values: str) -> bool:
    summary = [1, *([None] * 40)]
    for name, value in values.items():
        summary[CONTACT.by_name[name].number] = value
    row = Scanned(b"1", summary, [1])
    test, quick = text_test(CONTACT, q), text_filter(CONTACT, q)
    assert test
    assert quick
    found = test(row)
    assert quick(msgspec.json.encode(summary).decode()) or not found
    opened = Scanned(b"1", summary, None, texts_of(summary, [1], searched_slots(CONTACT)))
    assert bool(find(CONTACT, [opened], q)) == found
    return found


@pytest.mark.parametrize(
    ("q", "stored"),
    [
        ("+49 170 1234567", "0170/123 45 67"),
        ("0170 1234567", "+49 (0)170 123-4567"),
        ("00491701234567", "0170 1234567"),
        ("01701234", "+49 170 1234567"),
        ("(212) 555-0134", "+1 212.555.0134"),
        ("2125550134", "(212) 555-0134"),
        ("555 0134", "(212) 555-0134"),
    ],
)
def test_a_phone_number_is_found_however_it_is_written(q: str, stored: str) -> None:
    assert finds(q, name="Ada", phone=stored)


@pytest.mark.parametrize(("q", "stored"), [("0170 1234568", "0170 1234567"), ("12 34", "0151 999"), ("2026", "+1")])
def test_another_number_is_not_found(q: str, stored: str) -> None:
    assert not finds(q, name="Ada", phone=stored)


@pytest.mark.parametrize(
    ("q", "stored"),
    [
        ("Mueller", "Jörg Müller"),
        ("Müller", "Joerg Mueller"),
        ("MULLER", "Jörg Müller"),
        ("jörg", "Joerg Mueller"),
        ("Joerg Müller", "Jörg Mueller"),
        ("Müller Jörg", "Jörg Müller"),
        ("Soerensen", "Sørensen"),
        ("Aase", "Åse"),
        ("strasse", "Anna Straße"),
    ],
)
def test_a_name_is_found_in_each_way_of_spelling_it(q: str, stored: str) -> None:
    assert finds(q, name=stored)


def test_two_letters_that_stand_for_one_are_no_other_letter() -> None:
    assert not finds("blue", name="Blumen")
    assert not finds("Mueller", name="Muller")


@given(st.text("0123456789 +-/().", min_size=1, max_size=30), st.text("0123456789 +-/().", max_size=30))
def test_the_quick_filter_lets_every_number_through_that_matches(q: str, stored: str) -> None:
    if q.split():
        finds(q, name="Ada", phone=stored)
