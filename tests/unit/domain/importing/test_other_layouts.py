"""Tables that are laid out in another way than one row a record below one header."""

import pytest

from tests.support.measuring.processor_time import takes_at_most
from tmr.domain.importing.proposing.other_layouts import tables_in


def text(*rows: str) -> str:
    return "\n".join(rows) + "\n"


def test_a_board_has_a_row_for_each_card() -> None:
    board = text("To apply,Applied,Interview,Rejected", "Globex – Clerk,Initech,,Hooli", ',"Umbra – Cook\non Friday",,')

    [(name, rows)] = tables_in(board)

    assert name == ""
    assert rows == [
        ["Company", "Status", "Notes"],
        ["Globex – Clerk", "To apply", ""],
        ["Initech", "Applied", ""],
        ["Umbra – Cook", "Applied", "on Friday"],
        ["Hooli", "Rejected", ""],
    ]


def test_records_side_by_side_are_turned() -> None:
    [(_, rows)] = tables_in(
        text(",Globex,Initech", "Role,Clerk,Cook", "Salary,50k,60k", "Location,Oslo,Ulm", "Fun,a,b")
    )

    assert rows[0] == ["Company", "Role", "Salary", "Location", "Fun"]
    assert rows[2] == ["Initech", "Cook", "60k", "Ulm", "b"]


def test_tables_one_below_another_come_apart() -> None:
    both = text(
        "Company,Role,Status", "Globex,Clerk,Applied", ",,", "People,,", "Name,Email,Phone", "Ann,ann@g.example,1"
    )

    tables = tables_in(both)

    assert [name for name, _ in tables] == ["Table 1", "People"]
    assert tables[1][1] == [["People", "", ""], ["Name", "Email", "Phone"], ["Ann", "ann@g.example", "1"]]


@pytest.mark.parametrize(
    "plain",
    [
        text("Company,Role,Status", "Globex,Clerk,Applied", "", "Initech,Cook,Rejected"),
        text("Company,Role,Status", "Globex,Clerk,Applied", "", "Company,Role,Status", "Initech,Cook,Rejected"),
        text("Applied,Interview,Offer,Rejected", "x,x,,", "x,,,x"),
        text("Company,Applied,Interview,Offer", "Globex,2026-03-04,,"),
        text("Company,Role", "Status,Clerk"),
        "",
    ],
)
def test_a_plain_table_is_left_as_it_is(plain: str) -> None:
    assert tables_in(plain) == []


@pytest.mark.parametrize("filling", ["\n", ",", "\t", '"', "a,b\n", '\n,\t;|" '])
def test_a_long_text_costs_little(filling: str) -> None:
    with takes_at_most(hashes=17):
        tables_in("Company,Role\n" + filling * (900_000 // len(filling)) + "x")


def test_f2_headers_one_below_another_take_no_square_of_them() -> None:
    """Seen failing with 2 s: each was compared with all before, though twelve tables are the most that come apart."""
    letters = "abcdefghijklmnopqrst"
    words = [first + second + third for first in letters for second in letters for third in letters]
    text = "company,title\nA,B\n\n" + "".join(f"company,title,{word}\n\n" for word in words)

    with takes_at_most(hashes=4):
        tables = tables_in(text)

    assert len(tables) == 12
