"""The HTML of every page: what may be in what, ids that are referred to, and the styles that a page needs."""

import gzip
import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from rcssmin import cssmin

from tests.support.routes import addresses, one_of_everything
from tmr.web.transport.bundles import STYLES
from tmr.web.transport.static_files import SOURCE

STYLES_LIMIT = 12_000  # bytes, compressed

VOID = {"base", "br", "col", "hr", "img", "input", "link", "meta", "path", "rect", "source", "wbr"}
PHRASES_ONLY = {"span", "p", "a", "button", "label", "small", "summary", "h1", "h2", "h3", "strong", "kbd", "time"}
BLOCKS = {"address", "article", "aside", "blockquote", "details", "dialog", "div", "dl", "fieldset", "figure", "form"}
BLOCKS |= {"h1", "h2", "h3", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul"}
MAY_HOLD_BLOCKS = {"a"}  # as its parent may
REFERENCES = ("for", "form", "list", "aria-describedby", "aria-labelledby", "aria-controls", "popovertarget")
BARE = ("autofocus", "checked", "disabled", "hidden", "multiple", "novalidate", "open", "required", "selected")


class Markup(HTMLParser):
    """Collects what is wrong with a page in ``faults``."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._open: list[str] = []
        self._ids: list[str] = []
        self._referred: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        holder = next((name for name in reversed(self._open) if name not in MAY_HOLD_BLOCKS), "")
        if tag in BLOCKS and holder in PHRASES_ONLY and not (holder == "summary" and tag in {"h1", "h2", "h3"}):
            self.faults.append(f"<{tag}> in <{holder}>")
        for name in BARE:
            if values.get(name) is not None:
                self.faults.append(f'<{tag} {name}="{values[name]}">')
        if tag == "form" and values.get("method") != "dialog" and re.search(r"\s", values.get("action") or ""):
            self.faults.append(f"<form action={values['action']!r}>")
        if tag == "input" and values.get("type") in {"date", "datetime-local", "time", "month", "week"}:
            self.faults.append("a date in the form that the browser likes, not the person's")
        if tag == "button" and "type" not in values:
            self.faults.append("a button that does not say what it does")
        if "id" in values:
            self._ids.append(values["id"] or "")
        for name in REFERENCES:
            self._referred += (values.get(name) or "").split()
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Leave the shapes of an SVG alone."""

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")
            self._open = []

    def close(self) -> None:
        super().close()
        self.faults += [f"<{tag}> is not closed" for tag in self._open]
        self.faults += [f"id {name!r} is no id" for name in self._ids if not re.fullmatch(r"[\w-]+", name)]
        self.faults += [f"id {name!r} occurs twice" for name in {*self._ids} if self._ids.count(name) > 1]
        self.faults += [f"nothing has the id {name!r}" for name in {*self._referred} - {*self._ids}]


def faults(html: str) -> list[str]:
    """Return what is wrong with a page."""
    markup = Markup()
    markup.feed(html)
    markup.close()
    return markup.faults


def sheets(html: str) -> list[str]:
    """Return the style sheets that a page loads."""
    return re.findall(r'<link rel="stylesheet" href="/static/(\w+)\.', html)


def unstyled(html: str) -> set[str]:
    """Return the classes of a page that are only styled in sheets that it does not load."""
    used = set(" ".join(re.findall(r' class="([^"]*)"', html)).split())
    loaded = [CLASSES[name] for name in sheets(html)]
    return (used & set.union(*CLASSES.values())) - set().union(*loaded)


def doubled(html: str) -> list[str]:
    """Return the parts that two style sheets of a page have in them."""
    counts = Counter(part for name in sheets(html) for part in STYLES[f"{name}.css"])
    return [part for part, count in counts.items() if count > 1]


def _css(name: str) -> bytes:
    return cssmin(b"".join((SOURCE / "css" / part).read_bytes() for part in STYLES[f"{name}.css"]))


CLASSES = {name[:-4]: set(re.findall(r"\.([a-z][\w-]*)", _css(name[:-4]).decode())) for name in STYLES}
SIZES = {name[:-4]: len(gzip.compress(_css(name[:-4]), 9)) for name in STYLES}


@pytest.fixture
def belongings(alice, admin, services, clock) -> dict[str, str]:
    return one_of_everything(alice, admin, services, clock)


def test_every_page_is_html_as_it_is_defined_and_loads_the_styles_it_needs(app, alice, belongings) -> None:
    checked = 0

    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        for address in addresses(rule.rule, belongings):
            for query in ("", "?edit=all", "?new=1") if "<kind:" in rule.rule else ("",):
                answer = alice.get(address + query)
                if answer.mimetype == "text/html" and answer.status_code < 300:
                    assert faults(answer.text) == [], address + query
                    assert unstyled(answer.text) == set(), address + query
                    assert sum(SIZES[name] for name in sheets(answer.text)) < STYLES_LIMIT, address + query
                    assert doubled(answer.text) == [], address + query
                    checked += 1

    assert checked > 50


def test_an_error_is_found_from_a_field_whose_name_has_a_space(alice) -> None:
    answer = alice.post("/settings/pipeline", **{"label.no answer": ""})

    assert answer.status_code == 422
    assert faults(answer.text) == []
    assert 'aria-describedby="label-no-answer-error"' in answer.text
