"""The documentation: every link and file that it names is there, and what is made from code is up to date."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.test_routes import ROUTES
from tests.support.paths import ROOT
from tmr.domain.fields.files import MAX_FILE_MB

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "tests" / "README.md"])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMED = re.compile(r"`((?:tmr|tests|docs|scripts|deploy|requirements)/[\w./-]*\w/?)`")
OTHERS = [*(ROOT / "tmr").rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "deploy").iterdir()]
README_LINES = 45
WIDTH = 120
# What makes a text sound translated; docs/house-style.md lists it.
TICS = re.compile(r"\b(whoever|somebody|anew|meanwhile|shall|is told of|goes? by itself|of one's own)\b", re.I)
# The page that lists them, and pages whose words come from the code.
EXEMPT = ("house-style.md", "data-inventory.md", "commands.md")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def bare(path: Path) -> str:
    """The text of a page without its code blocks, where nothing is a link."""
    return re.sub(r"^( {4}|\t).*$|^```.*?^```$", "", path.read_text(), flags=re.M | re.S)


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    for link in LINK.findall(bare(page)):
        if re.match(r"https?://|mailto:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page

        assert target.is_relative_to(ROOT.resolve()), link
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    assert [path for path in NAMED.findall(page.read_text()) if not (ROOT / path).exists()] == []


def test_the_largest_file_is_what_its_constant_says_and_nothing_else_names_a_size() -> None:
    said = f"up to {MAX_FILE_MB} MB"
    code = [path for path in (ROOT / "tmr").rglob("*") if path.suffix in (".py", ".html", ".js", ".txt", ".toml")]

    assert said in (ROOT / "docs" / "using" / "getting-started.md").read_text()
    assert [name(path) for path in code if re.search(rf"\b{MAX_FILE_MB} MB\b", path.read_text())] == []


def test_every_page_that_code_names_is_there() -> None:
    texts = [(ROOT / "fly.toml").read_text(), *(path.read_text() for path in OTHERS if path.suffix != ".pyc")]

    named = set(re.findall(r"\bdocs/[\w/-]+\.md", "\n".join(texts)))

    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_no_page_leads_out_of_the_repository(page: Path) -> None:
    assert "../" + "shared" not in page.read_text()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_text_is_as_narrow_as_code(page: Path) -> None:
    """Tables aside: a row is one line."""
    wide = [line for line in page.read_text().splitlines() if len(line) > WIDTH and not line.startswith("|")]

    assert wide == [] or page.name == "data-inventory.md"


@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in EXEMPT], ids=name)
def test_pages_sound_as_if_they_were_written_in_english(page: Path) -> None:
    assert TICS.findall(page.read_text()) == []


def test_the_markup_that_tools_may_rely_on_is_there() -> None:
    templates = "\n".join(path.read_text() for path in (ROOT / "tmr" / "templates").rglob("*.html"))
    page = (ROOT / "docs" / "how-it-works" / "interface.md").read_text()
    listed = [
        element for element in re.findall(r'id="([\w-]+)"', page) if not element.endswith(("-ID", "-FIELD", "-error"))
    ]

    assert sorted(listed) == [
        "coach-code",
        "coach-link",
        "draft-link",
        "import-result",
        "lock-state",
        "recovery-code",
        "recovery-codes",
        "token",
        "totp-secret",
    ]
    assert [element for element in listed if f'id="{element}"' not in templates] == []


def test_every_route_that_tools_may_rely_on_is_there() -> None:
    listed = re.findall(r"`((?:GET|POST) /\S*)`", (ROOT / "docs" / "how-it-works" / "interface.md").read_text())
    decided = {" ".join(line.split()[:2]) for line in ROUTES.splitlines()}

    assert len(listed) > 50
    assert [route for route in listed if route not in decided] == []


def test_every_page_is_linked_from_another() -> None:
    linked = {
        (page.parent / link.partition("#")[0]).resolve() for page in PAGES for link in LINK.findall(page.read_text())
    }

    assert [name(page) for page in PAGES if page.parent != ROOT and page.resolve() not in linked] == []


@pytest.mark.parametrize("script", ["settings", "commands", "openapi"])
def test_what_is_made_from_the_code_is_up_to_date(script: str) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "docs" / script, "--check"], capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_readme_is_short_and_shows_two_pictures_and_two_commands() -> None:
    lines = (ROOT / "README.md").read_text().splitlines()
    pictures = [line for line in lines if line.startswith("![")]

    assert len([line for line in lines if line.strip()]) - len(pictures) <= README_LINES
    assert len(pictures) == 2
    assert [line.split("#")[0].strip() for line in lines if line.startswith("    make ")] == ["make run", "make test"]


@pytest.mark.parametrize("decision", DECISIONS, ids=name)
def test_a_decision_has_its_number_a_date_a_status_and_a_line_in_the_index(decision: Path) -> None:
    number = decision.name[:4]
    title, _, facts = decision.read_text().splitlines()[:3]
    index = (DECISIONS[0].parent / "index.md").read_text()

    assert re.fullmatch(rf"# {number}: \S.+[^.]", title)
    assert re.fullmatch(r"Date: \d{4}-\d\d-\d\d\. Status: (accepted|superseded by \[\d{4}\]\(\S+\))\.", facts)
    assert f"| [{number}]({decision.name}) | {title.partition(': ')[2]} |" in index


def test_the_version_that_is_built_has_a_dated_entry_in_the_changelog() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert re.search(rf"^## {re.escape(version)} \(\d{{4}}-\d\d-\d\d\)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
