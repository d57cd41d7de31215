"""The manifest, the icons, the service worker with its offline page, and robots.txt."""

import base64
import hashlib
import re
import struct

import msgspec
import pytest

from tests.integration.web.visitors.test_landing import installation_with
from tmr.web.transport.static_files import SOURCE

ADDRESSES = ("/manifest.webmanifest", "/service-worker.js", "/offline", "/robots.txt", "/favicon.ico")


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG")
    return struct.unpack(">II", png[16:24])


def test_the_manifest_has_what_browsers_ask_of_an_app_that_can_be_installed(visitor) -> None:
    answer = visitor.get("/manifest.webmanifest")

    manifest = msgspec.json.decode(answer.data)
    assert answer.content_type.startswith("application/manifest+json")
    assert (manifest["start_url"], manifest["display"]) == ("/", "standalone")
    sizes = {icon["sizes"]: size_of(visitor.get(icon["src"]).data) for icon in manifest["icons"]}
    assert sizes == {"192x192": (192, 192), "512x512": (512, 512)}
    assert {icon["purpose"] for icon in manifest["icons"]} == {"any", "maskable"}


@pytest.mark.parametrize("path", ["/", "/login", "/today"])
def test_pages_name_their_icons_their_manifest_and_their_colours(alice, path: str) -> None:
    page = alice.get(path).text

    icon = re.search(r'<link rel="apple-touch-icon" href="([^"]+)"', page)[1]
    assert size_of(alice.get(icon).data) == (180, 180)
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page
    colours = re.findall(r'<meta name="theme-color" content="(#\w+)" media="\(prefers-color-scheme: (\w+)\)">', page)
    assert colours == [("#fcfcfa", "light"), ("#111413", "dark")]


def test_the_colour_of_the_bars_is_that_of_the_paper(visitor) -> None:
    tokens = (SOURCE / "css" / "base" / "tokens.css").read_text()

    assert "--paper: light-dark(#fcfcfa, #111413);" in tokens
    assert "--accent: light-dark(#0a6a60," in tokens
    assert '"theme_color":"#0a6a60","background_color":"#fcfcfa"' in visitor.get("/manifest.webmanifest").text


def test_the_colour_of_the_bars_follows_the_chosen_theme(alice) -> None:
    alice.post("/settings/profile", theme="dark")

    assert re.findall(r'<meta name="theme-color" content="([^>]+)>', alice.get("/today").text) == ['#111413"']


def test_there_is_an_icon_for_what_asks_without_reading_a_page(visitor) -> None:
    answer = visitor.get("/favicon.ico")

    assert answer.data.startswith(b"\0\0\1\0\3\0")
    assert answer.headers["Cache-Control"] == "public, max-age=86400"


def test_p1_the_worker_keeps_one_page_and_that_is_the_same_for_everyone(alice, visitor) -> None:
    alice.add(company="Globex")
    alice.post("/settings/profile", theme="dark")

    worker, page = visitor.get("/service-worker.js").text, visitor.get("/offline").text

    assert re.findall(r"cache\.\w+\(|caches\.\w+\(", worker) == ["caches.open(", "cache.add(", "caches.match("]
    assert 'const OFFLINE="/offline";' in worker
    assert alice.get("/offline").text == page
    assert alice.get("/service-worker.js").text == worker


def test_the_worker_changes_with_the_offline_page(visitor) -> None:
    page = visitor.get("/offline").data

    assert hashlib.sha256(page).hexdigest() in visitor.get("/service-worker.js").text


def test_i4_the_offline_page_loads_nothing_and_has_its_own_style_only(visitor) -> None:
    answer = visitor.get("/offline")

    style = re.search(r"<style>(.*)</style>", answer.text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert f"style-src 'sha256-{digest}';" in policy
    assert "script-src" not in policy
    assert "connect-src 'self';" in policy  # what checks a page asks for robots.txt from it
    assert not re.search(r"<script|<link|src=", answer.text)


def test_i4_pages_may_start_the_worker_and_no_other(alice) -> None:
    policy = alice.get("/today").headers["Content-Security-Policy"]

    assert "worker-src 'self';" in policy
    assert policy.endswith("trusted-types htmx tmr-worker")
    assert (
        "default-src 'none'; connect-src 'self'" in alice.get("/service-worker.js").headers["Content-Security-Policy"]
    )


@pytest.mark.parametrize(
    ("changes", "is_private"),
    [
        ({}, True),  # the tests' own address is one of this machine
        ({"base_url": "https://tmr.example"}, False),
        ({"base_url": "https://tmr.example", "registration": "invite"}, True),
        ({"base_url": "https://tmr.example", "registration": "closed"}, True),
    ],
)
def test_search_engines_read_the_front_of_a_public_installation_only(services, changes, is_private: bool) -> None:
    here = installation_with(services, **changes)

    lines = here.get("/robots.txt", base_url=changes.get("base_url", "http://localhost")).text.splitlines()

    assert lines[-1] == "Disallow: /"
    assert ("Allow: /$" in lines) is not is_private
    assert ("Allow: /privacy$" in lines) is not is_private


@pytest.mark.parametrize("path", ADDRESSES)
def test_i5_they_carry_the_fixed_headers(visitor, path: str) -> None:
    answer = visitor.get(path)

    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
