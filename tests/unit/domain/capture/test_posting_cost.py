"""Pages that are made to take long: the time to read them grows no faster than they do."""

import pytest

from tests.support.measuring.processor_time import hash_seconds, least_cpu_seconds
from tmr.domain.capture.posting.reader import read_posting

SIZE = 150_000
MOST_HASHES = 2.0  # the dearest takes about half of one; what grows with the square takes 50 and more


def _data(text: str) -> str:
    return f'<html><script type="application/ld+json">{text}</script>'


def _filled(piece: str) -> str:
    return piece * (SIZE // len(piece))


HOSTILE = {
    "elements within each other": "<html>" + _filled("<div>"),
    "items within each other": "<html>" + _filled("<div itemscope itemtype=JobPosting><p itemprop=title>x"),
    "properties within each other": "<html><div itemscope itemtype=JobPosting>" + _filled("<p itemprop=a>x"),
    "ends without beginnings": "<html>" + "<a>" * 300 + _filled("</b>"),
    "ends in the wrong order": "<html>" + _filled("<b><i></b>"),
    "tags that never end": "<html>" + _filled('<a "'),
    "comments that never end": "<html>" + _filled("<!--"),
    "long references": "<html>" + _filled("&#99999999999"),
    "lists within each other": _data(_filled("[")),
    "objects within each other": _data(_filled('{"a":')),
    "postings within each other": _data(_filled('{"@type":"JobPosting","a":')),
    "quotes that end nothing": _data('{"a":"' + _filled('" ')),
    "blanks after quotes": _data('{"a":"' + _filled('"' + " " * 3000 + "x")),
    "a number of 300,000 digits": _data('{"@type":"JobPosting","title":"a","baseSalary":' + _filled("9") + "}"),
    "items of many": "<html>" + "<div itemscope itemtype=JobPosting itemprop=p>" * 390,
    "a list without end": "<html>" + "<li>" * 700_000,
    "many small elements": "<html>" + "<div>" * 390 + "</div><div>" * 250_000,
    "labels": _filled("Ort:\n"),
    "one line of labels": _filled("Ort: "),
    "words of deadlines": _filled("apply by apply by apply by apply by\n"),
    "numbers with points": _filled("1." * 60 + "\n"),
    "marks on one letter": "a" + _filled("\u0301"),
    "links": _filled("https://a.example/ "),
    "a title of many parts": "<html><title>" + _filled("a - ") + "</title><h1>a</h1>",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_w1_no_posting_takes_longer_than_its_length_allows(text, one_hash):
    limit = MOST_HASHES * one_hash
    assert least_cpu_seconds(lambda: read_posting(text, "https://a.example/1"), limit) <= limit


@pytest.fixture(scope="module")
def one_hash():
    return hash_seconds()
