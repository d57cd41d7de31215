"""Pages beside a table: the text of each goes to its row."""

import csv
import io
import tracemalloc
import zipfile

import pytest

from tests.support.measuring.processor_time import takes_at_most
from tmr.domain.importing.reading.file import MOST_TABLES_WITH_PAGES, read_file
from tmr.domain.importing.rows import pages as reading
from tmr.domain.importing.rows.pages import with_pages
from tmr.domain.pipeline.pipeline import DEFAULT_PIPELINE

TABLE = "Name,Company,Status\r\nClerk,Globex,Applied\r\nClerk,Initech,Applied\r\nCook,Hooli,Saved\r\n"


def page(title: str, company: str, text: str) -> str:
    return f"# {title}\n\nCompany: {company}\nStatus: Applied\n\n{text}\n"


def test_the_text_of_a_page_stands_in_the_row_with_its_title_and_properties() -> None:
    pages = {
        "a.md": page("Clerk", "Initech", "Met **Ann**: nice.\n\n- [ ] send a mail"),
        "b.md": page("Cook", "elsewhere", "on Sundays"),
        "c.md": page("Clerk", "nowhere", "whose?"),
        "d.md": "no title",
    }

    table, placed = with_pages(TABLE, pages)
    rows = list(csv.reader(io.StringIO(table, newline="")))

    assert placed == {"a.md", "b.md"}
    assert [row[3] for row in rows] == ["Page", "", "Met **Ann**: nice.\n\n- [ ] send a mail", "on Sundays"]


def test_without_a_text_the_table_stays_as_it_is() -> None:
    assert with_pages(TABLE, {"a.md": page("Cook", "Hooli", "")}) == (TABLE, {"a.md"})


def test_f2_a_table_that_is_too_large_gets_no_pages() -> None:
    """Seen failing: each of millions of rows was kept as a list, and compared with each page of its title."""
    tracemalloc.start()
    table = "Name\n" + "Clerk\n" * 1_000_000

    assert with_pages(table, {"a.md": page("Clerk", "Globex", "text")}) == (table, set())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 80 * 1024 * 1024


def test_f2_pages_and_rows_that_are_all_called_the_same_are_not_compared() -> None:
    table = "Name,Company\n" + "Clerk,x\n" * 10_000
    with takes_at_most(hashes=12):
        assert with_pages(table, {f"{n}.md": page("Clerk", "Globex", "text") for n in range(500)}) == (table, set())


def test_f2_properties_of_pages_are_compared_up_to_a_number_of_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen failing: 2,000 pages and 100 rows of one title, with 200 columns, took 23 s."""
    monkeypatch.setattr(reading, "MOST_COMPARED", 0)
    pages = {"a.md": page("Clerk", "Initech", "a"), "b.md": page("Clerk", "Globex", "b"), "c.md": page("Cook", "", "c")}

    _, placed = with_pages(TABLE, pages)

    assert placed == {"a.md", "c.md"}


def test_f2_a_page_of_millions_of_lines_is_not_taken_apart() -> None:
    """Seen failing with 150 MB: each line was kept as a text of its own."""
    text = page("Cook", "Hooli", "ab\n" * 2_000_000)
    tracemalloc.start()

    _, placed = with_pages(TABLE, {"a.md": text})

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert placed == {"a.md"}
    assert peak < 80 * 1024 * 1024


@pytest.mark.parametrize("more", [0, 1])
def test_f2_pages_are_read_for_a_few_tables_only(more: int) -> None:
    """Seen failing: 2,000 pages were read again for each of 8,000 tables in one ZIP, which took half an hour."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as zipped:
        zipped.writestr("a.md", page("Clerk", "Initech", "text"))
        for number in range(MOST_TABLES_WITH_PAGES + more):
            zipped.writestr(f"{number}.csv", TABLE)

    passed_over = read_file(DEFAULT_PIPELINE, made.getvalue(), "").bundle.passed_over

    assert passed_over == ["a.md: a page"] * more
