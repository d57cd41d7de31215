"""A role that is added twice by hand: it is kept, and the answer points to the other."""

import html
import re

import pytest


def said(text: str) -> str:
    """The words of the notice, with its link."""
    notice = text.split('<div class="notice">')[1].split("</span>")[0]
    return " ".join(html.unescape(re.sub(r"</?(?!a\b|/a)[^>]*>", "", notice.replace("<span>", ""))).split())


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", said(text)).split())


@pytest.mark.parametrize("is_htmx", [True, False])
def test_a_role_added_twice_is_kept_and_points_to_the_other(alice, clock, is_htmx: bool) -> None:
    known = alice.add(company="Acme", title="Engineer", status="rejected", applied_on=f"{clock.now.year}-03-04")

    answer = alice.post("/applications", htmx=is_htmx, company="ACME", title=" engineer ")
    page = answer.text if is_htmx else alice.get(answer.headers["Location"]).text

    assert answer.status_code == (200 if is_htmx else 303)
    assert words(page) == "Added engineer at ACME. You already have “Engineer at Acme” (Rejected, applied 4 Mar)."
    assert f'<a href="/applications/{known}">“Engineer at Acme”</a>' in said(page)
    assert "data-undo" in page
    assert len(alice.ids()) == 2
    [added] = alice.ids() - {known}
    assert f"/applications/{added}/delete" in page


@pytest.mark.parametrize(
    "link", ["https://jobs.example/7?utm_source=x", "http://www.jobs.example/7/", "https://jobs.example/7#apply"]
)
def test_a_role_with_a_known_link_points_to_the_other_whatever_it_is_called(alice, link: str) -> None:
    alice.add(company="Acme", title="Engineer", url="https://jobs.example/7")

    answer = alice.post("/applications", htmx=True, company="Acme Inc.", title="Senior engineer", url=link)

    assert words(answer.text) == "Added Senior engineer at Acme Inc. You already have “Engineer at Acme” (Saved)."


def test_a_link_says_more_than_a_name_and_several_are_counted(alice) -> None:
    for url in ("https://jobs.example/1", "https://jobs.example/2", ""):
        alice.add(company="Acme", title="Engineer", url=url)
    alice.add(company="Acme", title="Engineer", url="https://jobs.example/3", status="offer")
    alice.add(company="Acme", title="Engineer")

    answer = alice.post("/applications", htmx=True, company="Acme", title="Engineer", url="https://jobs.example/3")

    assert words(answer.text) == "Added Engineer at Acme. You already have “Engineer at Acme” (Offer) and 4 more."


def test_another_role_or_a_deleted_one_is_not_pointed_to(alice, bob) -> None:
    bob.add(company="Acme", title="Engineer")
    gone = alice.add(company="Acme", title="Engineer")
    alice.post(f"/applications/{gone}/delete")

    assert (
        words(alice.post("/applications", htmx=True, company="Acme", title="Engineer").text)
        == "Added Engineer at Acme."
    )
    other = alice.post("/applications", htmx=True, company="Acme", title="Designer", url="https://jobs.example/9")
    assert words(other.text) == "Added Designer at Acme. You already have Acme in your list: Engineer (Saved)."
    nameless = alice.post("/applications", htmx=True, company="Globex", title="Engineer", url="")
    assert words(nameless.text) == "Added Engineer at Globex."


def test_i1_what_a_known_role_is_called_is_text(alice) -> None:
    alice.add(company="<b>x</b>", title="<script>alert(1)</script>")

    answer = alice.post("/applications", htmx=True, company="<b>x</b>", title="<script>alert(1)</script>")

    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; at &lt;b&gt;x&lt;/b&gt;" in answer.text
