"""The landing page: what it says is so on this installation."""

import re

import msgspec
import pytest

from tests.support.people import Browser
from tmr import create_app
from tmr.privacy.promises.promises import promises_of

OPEN_GRAPH = ("title", "description", "type", "site_name", "url", "image")


def installation_with(services, **changes: object) -> Browser:
    settings = msgspec.structs.replace(services.settings, **changes)
    return Browser(create_app(msgspec.structs.replace(services, settings=settings)))


def test_it_counts_the_promises_that_the_page_of_promises_has(visitor, services) -> None:
    page = visitor.get("/").text

    assert f"{len(promises_of(services.settings).promise)} promises, each with a way to check it" in page
    assert 'href="/privacy"' in page


def test_it_shows_the_product_and_runs_no_script(visitor) -> None:
    page = visitor.get("/").text

    assert page.count('class="st ') >= 7
    assert "<script" not in page
    assert "Start your search" in page


@pytest.mark.parametrize(
    ("registration", "words"), [("closed", "Sign-up is closed here."), ("invite", "Sign-up is by invitation here")]
)
def test_it_asks_nobody_to_sign_up_who_cannot(services, registration: str, words: str) -> None:
    page = installation_with(services, registration=registration).get("/").text

    assert words in page
    assert "/signup" not in page
    assert "sample data" not in page


def test_it_links_to_the_source_code_where_the_operator_says_it_is(services) -> None:
    page = installation_with(services, source_url="https://code.example/tmr").get("/").text

    assert page.count('href="https://code.example/tmr"') == 2


@pytest.mark.parametrize("path", ["/", "/privacy", "/login", "/signup"])
def test_public_pages_describe_themselves_with_nobodys_content(alice, visitor, services, path: str) -> None:
    alice.add(company="Globex Secret")

    page = visitor.get(path).text

    described = dict(re.findall(r'<meta (?:name|property)="(description|og:\w+)" content="([^"]+)"', page))
    assert set(described) == {"description", *(f"og:{name}" for name in OPEN_GRAPH)}
    assert described["og:url"] == services.settings.base_url + path
    assert described["og:image"].startswith(f"{services.settings.base_url}/static/")
    assert "Globex" not in page
