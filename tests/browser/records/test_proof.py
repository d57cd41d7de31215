"""A proof of search on paper: words stay whole, a page has its head, and totals and signature stay together."""

import re

import pytest

from tests.browser.conftest import sign_up

ALSO_LOCKED = True

HEAD = "Company,Title,Location,Date applied,Status,Link"
LONG = "Kraftfahrzeughaftpflichtversicherungsfachangestellter"
WORDS_IN_PIECES = """() => {
  const torn = [];
  for (const cell of document.querySelectorAll(".proof th, .proof td:nth-child(3), .proof td:nth-child(2)")) {
    for (const word of cell.firstChild?.data?.matchAll(/[^\\s/-]+/g) ?? []) {
      const range = document.createRange();
      range.setStart(cell.firstChild, word.index);
      range.setEnd(cell.firstChild, word.index + word[0].length);
      if (range.getClientRects().length > 1) torn.push(word[0]);
    }
  }
  return torn;
}"""


@pytest.fixture
def proof(open_page, email):
    page = open_page()
    sign_up(page, email)
    rows = [
        f'"Getränke Hollerbusch GmbH {n}","{LONG if n == 3 else "Baker"}","Freiburg im Breisgau",2026-11-'
        f"{1 + n % 28:02d},Rejected,https://jobs-of-a-board.example.com/{n}"
        for n in range(40)
    ]
    file = {"name": "a.csv", "mimeType": "text/csv", "buffer": "\n".join([HEAD, *rows]).encode()}
    page.goto("/import")
    page.set_input_files("input[type=file]", file)
    page.click("button:has-text('Preview')")
    page.click("button.primary:has-text('Import')")
    page.wait_for_selector("#import-result")
    page.emulate_media(media="print")
    return page


def sizes(pdf: bytes) -> set[str]:
    return {
        "landscape" if float(x) > float(y) else "portrait"
        for x, y in re.findall(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    }


def test_on_paper_no_common_word_is_torn_and_many_columns_lie_sideways(proof) -> None:
    """Seen failing: “Freiburg” and “Ansprechpartner” stood in columns of three letters, and the signature alone."""
    for language in ("en", "de", "fr", "es"):
        proof.goto(f"/report?from=2026-11-01&to=2026-11-30&language={language}")
        assert sizes(proof.pdf(format="A4", prefer_css_page_size=True)) == {"landscape"}
        proof.set_viewport_size(
            {"width": 1_016, "height": 700}
        )  # what an A4 page lying sideways has within its margins
        assert proof.evaluate(WORDS_IN_PIECES) == []
        assert proof.evaluate("document.documentElement.scrollWidth") <= 1_016

    proof.goto("/report?from=2026-11-01&to=2026-11-30&columns=date&columns=employer&columns=position")

    assert sizes(proof.pdf(format="A4", prefer_css_page_size=True)) == {"portrait"}
    end = proof.locator(".proof-end")
    assert end.evaluate("(end) => getComputedStyle(end).breakInside") == "avoid"
    assert end.locator("#proof-totals, .sign").count() == 2
