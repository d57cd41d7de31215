"""Filtering, sorting and searching opened summaries."""

import unicodedata
from urllib.parse import parse_qsl

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from tests.support.factories import application
from tmr.crypto.padding import unpad
from tmr.domain import searching
from tmr.domain.fields.folding import searchable
from tmr.domain.kinds.application import APPLICATION
from tmr.domain.listing import MOST_WORDS, Criteria, parse_criteria, select
from tmr.domain.record import Scanned
from tmr.domain.saved_views import SavedView
from tmr.domain.searching import text_filter
from tmr.repository.records.codec import decode_slots, encode_detail, encode_summary


def scanned(number: int, **values) -> Scanned:
    whole = application(**values)
    summary, detail = unpad(encode_summary(APPLICATION, whole)), unpad(encode_detail(APPLICATION, whole))
    return Scanned(bytes([number]), decode_slots(summary), decode_slots(detail))


ROWS = [
    scanned(0, company="Ørsted", status="applied", applied_on="2026-11-01", tags=["SRE"], work_mode="remote"),
    scanned(1, company="Müller", status="no answer", applied_on="2026-10-01", excitement=5, salary_min="9"),
    scanned(2, company="acme", status="saved", notes='says "hello" \\ Straße', excitement=0, salary_min="85000"),
    scanned(3, company="Zeta", status="interviewing", tags=["python"], url="https://jobs.example/zeta"),
]


def shown(query: str) -> list[int]:
    arguments = MultiDict(pair.split("=", 1) for pair in query.split("&") if pair)
    criteria = parse_criteria(APPLICATION, arguments.getlist)
    return [row.id[0] for row in select(APPLICATION, ROWS, criteria)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [0, 1, 2, 3]),
        ("status=open", [0, 2, 3]),
        ("status=closed", [1]),
        ("status=applied&status=saved", [0, 2]),
        ("tag=sre", [0]),
        ("work_mode=Remote", [0]),
        ("from=2026-10-15", [0]),
        ("to=2026-10-31", [1]),
        ("from=2026-10-01&to=2026-11-01", [0, 1]),
        ("sort=company", [2, 1, 0, 3]),
        ("sort=-company", [3, 0, 1, 2]),
        ("sort=excitement", [2, 1, 0, 3]),
        ("sort=-salary_min", [2, 1, 0, 3]),
        ("sort=status", [2, 0, 3, 1]),
        ("q=orsted", [0]),
        ("q=muller", [1]),
        ("q=STRASSE", [2]),
        ("q=hello", [2]),
        ("q=%22hello", []),
        ("q=no resp", [1]),
        ("q=zeta jobs", [3]),
        ("q=python", [3]),
        ("status=zorp&sort=nothing&page=-1&from=soon", [0, 1, 2, 3]),
    ],
)
def test_lists_show_what_was_asked_for(query: str, expected: list[int]) -> None:
    assert shown(query) == expected


def test_a_search_for_a_quote_finds_it() -> None:
    assert [row.id[0] for row in select(APPLICATION, ROWS, Criteria(q='"hello"'))] == [2]
    assert [row.id[0] for row in select(APPLICATION, ROWS, Criteria(q="\\"))] == [2]


@pytest.mark.parametrize(
    "q", ["müller", "MULLER", '"hello"', "\\", "strasse", "no resp", "Interviewing", "ø", "jobs zeta"]
)
def test_the_quick_filter_lets_every_match_through(q: str) -> None:
    may_match = text_filter(APPLICATION, q)
    matching = {row.id for row in select(APPLICATION, ROWS, Criteria(q=q))}
    stored = {row.id: stored_text(number) for number, row in enumerate(ROWS)}

    passed = {row_id for row_id, text in stored.items() if may_match(text)}

    assert matching
    assert matching <= passed


def stored_text(number: int) -> str:
    row = ROWS[number]
    return (msgspec.json.encode(row.summary) + msgspec.json.encode(row.detail)).decode()


@pytest.mark.parametrize("page", ["0", "-1", "x", "1e9", "99999999999", "٣", ""])
def test_a_page_number_that_is_none_is_the_first(page: str) -> None:
    assert parse_criteria(APPLICATION, MultiDict({"page": page}).getlist).page == 1


def test_addresses_of_criteria_read_back() -> None:
    criteria = Criteria(
        q="a&b",
        choices={"tag": ("x",), "status": ("open",)},
        date_field="applied_on",
        date_from="2026-01-01",
        sort="-title",
    )

    again = parse_criteria(APPLICATION, MultiDict(parse(criteria.query())).getlist)

    assert again == criteria


def parse(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query)


def test_w1_an_address_holds_so_many_words_of_a_filter() -> None:
    """Seen failing: the links of each row of a list repeated an address of 24 kB, which made a page of 0.85 MB."""
    asked = {"tag": [str(number) for number in range(3 * MOST_WORDS)]}

    criteria = parse_criteria(APPLICATION, lambda name: asked.get(name, []))

    assert criteria.choices == {"tag": tuple(map(str, range(MOST_WORDS)))}


@given(
    st.text(st.characters(codec="utf-8"), max_size=30)
    | st.sampled_from(["Łódź", "Ørsted · Ängel", "e\u0301", "数据", "ﬁ", "İ"])
)
def test_search_compares_without_case_and_accents(text: str) -> None:
    letters = str.maketrans(
        {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
    )
    decomposed = unicodedata.normalize("NFKD", text.casefold())

    assert searchable(text) == "".join(c for c in decomposed if not unicodedata.combining(c)).translate(letters)


def test_w1_a_text_is_folded_once_however_many_words_are_looked_for(monkeypatch) -> None:
    """Seen failing with each text folded for each word: a hundred words took ten times as long as one."""
    folded: list[str] = []

    def counted(text: str) -> str:
        folded.append(text)
        return searchable(text)

    for fold in ("searchable", "with_spellings"):
        monkeypatch.setattr(searching, fold, counted)
    words = " ".join(chr(ord("a") + first) + chr(ord("a") + second) for first in range(8) for second in range(8))
    text = f"{words} Ø"

    found = select(APPLICATION, [scanned(1, notes=text)], Criteria(q=words))

    assert [kept.id[0] for kept in found] == [1]
    assert sum(text in one for one in folded) == 1
    assert found[0].detail is None


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("q=own&own_x.has=Walrus&status=saved", "q=own&status=saved"),
        ("sort=-own_x%2Ccompany&group=own_x", "sort=company"),
        ("date=own_x&from=2026-01-01&to=2026-02-01&own_x=_1&own_x=_2", ""),
        ("date=applied_on&from=2026-01-01&own_xy=a", "date=applied_on&from=2026-01-01&own_xy=a"),
        ("own_y.has=B", "own_y.has=B"),
    ],
)
def test_a_saved_view_forgets_a_field_and_nothing_else(query: str, left: str) -> None:
    view = SavedView("applications", "Mine", query, ("status", "own_x"))

    assert view.without_fields({"own_x"}) == SavedView("applications", "Mine", left, ("status",))
