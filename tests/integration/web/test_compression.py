"""T5: pages that are compressed give nothing away: not to a stranger's page, and nothing of the form token."""

import base64
import gzip
import re
import sys

import brotli

from tests.support.paths import ROOT
from tests.support.people import htmx_headers
from tmr.web.transport.static_files import SOURCE

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

OPENED = {"zstd": zstd.decompress, "br": brotli.decompress, "gzip": gzip.decompress}


def unmasked(token: str) -> bytes:
    both = base64.urlsafe_b64decode(token)
    mask, masked = both[: len(both) // 2], both[len(both) // 2 :]
    return bytes(one ^ other for one, other in zip(mask, masked, strict=True))


def tokens_of(page: str) -> set[str]:
    return set(re.findall(r'name="csrf_token" value="([^"]+)"', page))


def test_t5_the_token_is_another_in_each_answer_and_every_one_of_them_is_accepted(alice) -> None:
    pages = [alice.get("/import").text, alice.get("/import").text, alice.htmx_get("/applications").text]
    tokens = [token for page in pages for token in tokens_of(page)]
    tokens.append(alice.client.post("/applications").headers["X-CSRF-Token"])

    halves = {half for token in tokens for half in (token[: len(token) // 2], token[len(token) // 2 :])}
    [secret] = {unmasked(token) for token in tokens}

    assert len(tokens) == 4
    assert len(halves) == 8
    assert not any(base64.urlsafe_b64encode(secret).decode() in page for page in pages)
    for token in tokens:
        fields = {"company": "x", "title": token, "csrf_token": token}
        assert alice.client.post("/applications", data=fields).status_code == 303


def test_t5_the_secret_behind_the_token_is_accepted_only_with_its_mask(alice) -> None:
    secret = unmasked(alice.token("/import"))
    plain, zeros = (base64.urlsafe_b64encode(value).decode() for value in (secret, bytes(len(secret))))

    for token in (plain, zeros, zeros + zeros, zeros + plain[:-4], zeros + plain + "AAAA", "=" * 64, "ø" * 64):
        fields = {"company": "x", "title": "y", "csrf_token": token}
        assert alice.client.post("/applications", data=fields).status_code == 403, token


def compressed(browser, path: str, *, site: str | None = "same-origin", accepts: str = "gzip, br, zstd", **kwargs):
    """Answer a request as a browser would send it that is led here by ``site``."""
    headers = {"Accept-Encoding": accepts, **({"Sec-Fetch-Site": site} if site else {}), **kwargs.pop("headers", {})}
    return browser.client.open(path, headers=headers, **kwargs)


def test_t5_no_page_is_compressed_that_another_site_may_have_asked_for(alice, visitor) -> None:
    for browser, path in ((alice, "/applications"), (alice, "/nowhere"), (visitor, "/login"), (visitor, "/privacy")):
        for site in ("cross-site", "same-site", "", None, "same-origin, cross-site", "Same-Origin"):
            assert "Content-Encoding" not in compressed(browser, path, site=site).headers, (path, site)
        assert "Content-Encoding" in compressed(browser, path).headers, path


def test_t5_what_the_service_worker_asks_for_is_not_compressed(alice) -> None:
    worker = (SOURCE / "scripts" / "service_worker.js").read_text()
    [name] = re.findall(r'"(X-\w+)"', worker)

    assert "fetch(event.request)" not in worker  # it would be same-origin, no matter who started it
    assert "Content-Encoding" not in compressed(alice, "/applications", headers={name: "1"}).headers


ACCEPTED = {
    "gzip, deflate, br, zstd": "zstd",
    "gzip, deflate, br": "br",
    "gzip, deflate": "gzip",
    "GZIP": "gzip",
    "br;q=0.5, gzip;q=0.8": "gzip",
    "zstd;q=0, br;q=0, gzip": "gzip",
    "gzip;q=0": None,
    "identity": None,
    "": None,
    "gzip," * 60: None,  # no browser: to read thousands of them would take long
}


def test_a_page_is_compressed_as_the_browser_takes_it(alice) -> None:
    for accepts, encoding in ACCEPTED.items():
        for site in ("same-origin", "none"):
            answer = compressed(alice, "/applications", site=site, accepts=accepts)

            assert answer.headers.get("Content-Encoding") == encoding, (site, accepts)
            assert answer.headers["Content-Length"] == str(len(answer.data))
            assert {"Accept-Encoding", "Sec-Fetch-Site"} <= set(answer.headers["Vary"].split(", "))
            page = OPENED[encoding](answer.data).decode() if encoding else answer.text
            assert page.rstrip().endswith("</html>")
            assert len(answer.data) < len(page) / 3 or not encoding


def test_parts_of_pages_and_answers_to_forms_are_compressed_too(alice) -> None:
    fields = {"company": "", "title": "", "csrf_token": alice.token("/import")}

    part = compressed(alice, "/applications", headers=htmx_headers())
    refused = compressed(alice, "/applications", method="POST", data=fields)

    assert (part.status_code, refused.status_code) == (200, 422)
    assert {answer.headers.get("Content-Encoding") for answer in (part, refused)} == {"zstd"}


def test_an_answer_to_head_has_the_headers_of_the_page_without_it(alice) -> None:
    page, head = (compressed(alice, "/applications", method=method) for method in ("GET", "HEAD"))

    assert head.data == b""
    assert head.headers["Content-Encoding"] == page.headers["Content-Encoding"]
    assert abs(int(head.headers["Content-Length"]) - len(page.data)) < 100  # the token and the nonce differ


def test_what_is_small_no_page_or_a_download_stays_as_it_is(alice) -> None:
    archive = alice.post("/settings/privacy/export")
    paths = (
        "/export/applications.csv",
        "/understood?text=tomorrow",
        "/manifest.webmanifest",
        "/robots.txt",
        "/healthz",
    )
    answers = [compressed(alice, path) for path in paths]
    moved = alice.post("/applications", company="x", title="y")
    icon = compressed(alice, re.search(r'"(/static/icons-[^"]+)"', alice.get("/import").text)[1])

    assert archive.status_code == 200
    assert moved.status_code == 303
    assert [answer.status_code for answer in (*answers, icon)] == [200] * 6
    assert not any("Content-Encoding" in answer.headers for answer in (archive, *answers, moved))
    assert "zstd" not in icon.headers.get("Content-Encoding", "")


def test_t5_no_proxy_configuration_that_we_ship_compresses_anything() -> None:
    shipped = [*(ROOT / "deploy").iterdir(), ROOT / "fly.toml", *(ROOT / "docs" / "running").glob("*.md")]
    blocks = ["\n".join(re.findall(r"^ {4}.*", path.read_text(), re.M)) for path in shipped if path.suffix == ".md"]
    blocks += [path.read_text() for path in shipped if path.suffix != ".md"]

    assert any("reverse_proxy" in block for block in blocks)
    assert not any(re.search(r"\b(encode|gzip|brotli|zstd|deflate)\b", block) for block in blocks)
