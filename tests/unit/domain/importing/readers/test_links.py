"""Web addresses in cells, and which addresses are one posting."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.measuring.processor_time import takes_at_most
from tmr.domain.fields.urls import normalised_url
from tmr.domain.importing.readers.links import read_link

ONE = "https://a.example/1"


@pytest.mark.parametrize(
    ("cell", "url", "rest"),
    [
        ("https://a.example/1", ONE, ""),
        ("[Posting](https://a.example/1)", ONE, ""),
        ("[Senior Engineer](https://a.example/1)", ONE, "Senior Engineer"),
        ('[Posting](https://a.example/1 "Closes in May")', ONE, "Posting Closes in May"),
        ("[https://a.example/1](https://a.example/1)", ONE, ""),
        ("[a] [b](https://a.example/1) c", ONE, "[a] b c"),
        ("[W](https://en.example/wiki/Foo_(bar))", "https://en.example/wiki/Foo_(bar)", "W"),
        ("<https://a.example/1>", ONE, ""),
        ("https://a.example/1 (closed)", ONE, "closed"),
        ("(https://a.example/1)", ONE, ""),
        ("“https://a.example/1”", ONE, ""),
        ("Link: https://a.example/1", ONE, ""),
        ("Posting https://a.example/1", ONE, ""),
        ("Found at Acme: https://a.example/1 — closed", ONE, "Found at Acme closed"),
        ("https://a.example/1.", ONE, ""),
        ("https://a.example/1, https://a.example/2", ONE, "https://a.example/2"),
        ("https://a.example/1,https://a.example/2", ONE, "https://a.example/2"),
        ("https://a.example/1\nhttps://a.example/2", ONE, "https://a.example/2"),
        ("(see https://en.example/wiki/Foo_(bar).)", "https://en.example/wiki/Foo_(bar)", "see"),
        ("https://a.example/?a[]=1&b=2", "https://a.example/?a[]=1&b=2", ""),
        ("https://a.example/?next=https://b.example/y", "https://a.example/?next=https://b.example/y", ""),
        ('<a href="https://a.example/1">Role at Acme</a>', ONE, "Role at Acme"),
        ('=HYPERLINK("https://a.example/1","Acme job")', ONE, "Acme job"),
        ("www.x.example", "https://www.x.example", ""),
        ("www.x.example/jobs?id=1", "https://www.x.example/jobs?id=1", ""),
        ("[Apply](www.x.example/1)", "https://www.x.example/1", ""),
        ("jobs.lever.co/acme/1", "https://jobs.lever.co/acme/1", ""),
        ("https://例え.jp/求人", "https://例え.jp/求人", ""),
        ("HTTPS://a.example/1", "HTTPS://a.example/1", ""),
        (f"https://a.example/1 {'x' * 9_000}", ONE, "x" * 9_000),
    ],
)
def test_an_address_and_the_words_beside_it_are_read(cell: str, url: str, rest: str) -> None:
    assert read_link(cell) == (url, rest)


@pytest.mark.parametrize(
    "cell",
    [
        *["", "see mail", "referral via Pat", "pat@x.example", "pat@x.example/1", "mailto:pat@x.example", "tel:123"],
        *['javascript:alert("https://x.example")', "data:text/html,https://x.example", "https://", "http:///x"],
        *[
            "Node.js",
            "Node.js/React",
            "and/or",
            "1/2",
            "12.03.2026/x",
            "lever.co",
            "https://[x/",
            "https://" + "a" * 3_000,
        ],
    ],
)
def test_what_is_no_web_address_is_none(cell: str) -> None:
    assert read_link(cell) is None


@given(st.text(max_size=40), st.sampled_from([" ", "\n", " (", "; "]), st.text(alphabet="abc de,()!é", max_size=40))
def test_no_word_beside_an_address_is_lost(before: str, joint: str, after: str) -> None:
    link = read_link(f"{before} https://a.example/jobs/1{joint}{after}")

    if link is not None and link.url == "https://a.example/jobs/1":
        words = re.findall(r"[^\W_]+", link.rest)
        assert (
            not link.rest or [word for word in re.findall(r"[^\W_]+", before + " " + after) if word not in words] == []
        )


@pytest.mark.parametrize(
    "piece",
    ["(", ")", "[", "[a](https://", "a.", "www.", "a-", ",,", "<a", "=HYPERLINK(", "](", "https:", "https://a.b/,"],
)
def test_no_cell_takes_long(piece: str) -> None:
    cell = "https://a.example/" * (piece in "(),,") + piece * (60_000 // len(piece))
    with takes_at_most(hashes=1.25):
        for _ in range(5):
            read_link(cell)


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://x.example/a?utm_source=li&UTM_Medium=mail", "http://www.x.example/a/"),
        ("https://x.example/a?gclid=1&fbclid=2&msclkid=3&trackingId=4&refId=5&trk=6&lipi=7", "https://x.example/a"),
        ("https://x.example/a?mc_cid=1&mc_eid=2&gh_src=3&lever-source=4&src=5&ref=6", "https://x.example/a"),
        ("https://x.example/a?b=1&a=2", "https://x.example/a?a=2&b=1"),
        ("https://x.example/a#apply", "https://x.example/a#top"),
        ("https://x.example/a#content", "https://x.example/a"),
        ("https://x.example/a#:~:text=foo/bar", "https://x.example/a"),
        ("https://x.example/a#utm_source=li", "https://x.example/a"),
        ("https://x.example/#/job/1:~:text=foo", "https://x.example/#/job/1"),
    ],
)
def test_spellings_of_one_address_are_one(url: str, other: str) -> None:
    assert normalised_url(url) == normalised_url(other)


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://x.example/apply?reference=2026-114", "https://x.example/apply?reference=2026-115"),
        ("https://x.example/a?refnr=1", "https://x.example/a?refnr=2"),
        ("https://x.example/a?source_id=1", "https://x.example/a?source_id=2"),
        ("https://x.example/a?trkref=1", "https://x.example/a?trkref=2"),
        ("https://x.example/a?utm_job=1", "https://x.example/a?utm_job=2"),
        ("https://x.example/a?gh_jid=1&gh_src=x", "https://x.example/a?gh_jid=2&gh_src=x"),
        ("https://x.example/a?12345", "https://x.example/a?12346"),
        ("https://x.example/campus/46903#/job/ab-1", "https://x.example/campus/46903#/job/cd-2"),
        ("https://x.example/#!/a", "https://x.example/#!/b"),
        ("https://x.example/a#job=12", "https://x.example/a#job=13"),
        ("https://x.example/a#46903", "https://x.example/a#46904"),
    ],
)
def test_what_names_a_posting_sets_apart(url: str, other: str) -> None:
    assert normalised_url(url) != normalised_url(other)


def test_an_address_without_parameters_and_fragment_has_the_hash_of_earlier_releases() -> None:
    assert normalised_url("https://www.x.example/jobs/1/") == "x.example/jobs/1?"
    assert normalised_url("https://x.example/jobs?id=1#apply") == "x.example/jobs?id=1"
