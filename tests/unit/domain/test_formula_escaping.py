"""Formulas are neutralised on the way out and restored on the way in; the cells are those of the standard library."""

import csv
import datetime as dt
from io import StringIO
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tmr.domain.exporting import References, csv_lines, header, instant
from tmr.domain.fields.formula_escaping import neutralise, restore
from tmr.domain.kinds.contact import CONTACT
from tmr.domain.record import Record


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\tx", "\rx", "＝1", "＋1", "－1", "＠a", "'=1", "''=1"])
def test_f1_formulas_get_one_quote(text: str) -> None:
    assert neutralise(text) == "'" + text
    assert restore(neutralise(text)) == text


@pytest.mark.parametrize("text", ["", "Globex", "'tis", "O'Neill", "1-1", " =1"])
def test_f1_other_text_is_left_alone(text: str) -> None:
    assert neutralise(text) == text
    assert restore(text) == text


@given(st.text(st.sampled_from("'=+-@\t\r＝ab"), max_size=6))
def test_f1_restoring_is_the_exact_inverse(text: str) -> None:
    assert restore(neutralise(text)) == text


LATER = dt.datetime(2026, 11, 30, 8, tzinfo=dt.UTC)
NUMBERS = {str(UUID(int=number)): number for number in range(3)}


def records(texts: list[str]) -> list[Record]:
    """Contacts with these texts in all fields that hold one line; the second was changed a minute after the first."""
    empty = dict.fromkeys(CONTACT.by_name)
    lines = [field.name for field in CONTACT.fields if field.type.control == "line"]
    return [
        Record(UUID(int=number), CONTACT, 1, LATER, LATER + number * dt.timedelta(minutes=1), empty | values)
        for number, values in enumerate([dict.fromkeys(lines, text) for text in texts])
    ]


@given(st.lists(st.text(st.sampled_from("'=@-,;\"\r\n\t aé＝")), min_size=3, max_size=3))
def test_a_csv_file_is_what_the_standard_library_writes(texts: list[str]) -> None:
    made = records(texts)

    content = b"".join(csv_lines(CONTACT, made, References({"contact": NUMBERS}, {})))

    expected = StringIO(newline="")
    writer = csv.writer(expected, lineterminator="\r\n")
    writer.writerow(header(CONTACT))
    for number, record in enumerate(made):
        cells = [neutralise(field.type.write(record.values[field.name])) for field in CONTACT.fields]
        writer.writerow([*cells, instant(record.created_at), instant(record.updated_at), number])
    assert content.decode() == expected.getvalue()
