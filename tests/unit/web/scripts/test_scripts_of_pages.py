"""Each page loads the scripts apart for what it shows."""

import re

import pytest

from tests.support.paths import ROOT

TEMPLATES = ROOT / "tmr" / "templates"
# What in a template asks for which script apart.
ASKING = {
    "grid.js": r"<table data-grid|data-grid\b",
    "files.js": r'data-upload|data-finds|class="drop\b',
    "calendar.js": r'id="calendar"',
}
NAMED = re.compile(r'"([\w/]+\.html)"')


def parts_of(template: str) -> set[str]:
    """Return a template with all that it includes, but not the page around it."""
    found, left = set(), {template}
    while left:
        name = left.pop()
        found.add(name)
        text = re.sub(r"{%-? extends .*?%}", "", (TEMPLATES / name).read_text())
        left |= {other for other in NAMED.findall(text) if (TEMPLATES / other).is_file()} - found
    return found


PAGES = [
    path.relative_to(TEMPLATES).as_posix()
    for path in sorted(TEMPLATES.rglob("*.html"))
    if "{% block main %}" in path.read_text() and "{% extends" in path.read_text()
]


# Whose form with a file comes later, as a fragment.
LATER = {"files.js": {"records/page/show.html"}}


def has(page: str, pattern: str) -> bool:
    return any(re.search(pattern, (TEMPLATES / part).read_text()) for part in parts_of(page))


@pytest.mark.parametrize("script", ASKING)
def test_a_page_loads_the_script_apart_for_what_it_shows(script: str) -> None:
    asking = {page for page in PAGES if has(page, ASKING[script])} | LATER.get(script, set())

    assert asking
    assert asking == {page for page in PAGES if f'static("{script}")' in (TEMPLATES / page).read_text()}
