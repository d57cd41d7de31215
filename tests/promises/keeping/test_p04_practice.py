"""P04: recognised security practice: every line of the checklist has a test that carries its id.

Seen failing with a line added that no test names.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import ROOT

CHECKLIST = ROOT / "docs" / "how-it-works" / "security-checklist.md"
LINES = re.findall(r"^\| ([A-Z]\d+) \| (.+) \|$", CHECKLIST.read_text(), re.M)
NAMES = re.findall(r"^(?:async )?def (test_\w+)", "\n".join(p.read_text() for p in ROOT.glob("tests/**/*.py")), re.M)


@pytest.mark.parametrize(("line", "words"), LINES, ids=[line for line, _ in LINES])
def test_p04_each_line_of_the_checklist_has_a_test_by_its_id(line: str, words: str) -> None:
    named = [name for name in NAMES if re.search(rf"_{line.lower()}_", name)]

    assert named or words.endswith("]")


@pytest.mark.parametrize("lock", ["run.lock", "s3.lock", "test.lock"])
def test_g3_every_dependency_is_pinned_by_hash_and_without_an_address(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())

    assert len(entries) > 40
    assert all(re.match(r"[\w.\[\],-]+==\S+", entry) and "--hash=sha256:" in entry for entry in entries)
    assert "://" not in text


# Terms that an installation could not be handed on under.
REFUSED = re.compile(r"AGPL|(?<!L)GPL|SSPL|BUSL|Commons Clause|unknown|proprietary", re.I)


def test_g3_what_it_is_made_of_is_listed_with_hashes_and_licences() -> None:
    done = subprocess.run([ROOT / "scripts" / "sbom"], capture_output=True, text=True, check=True, env=with_venv())
    made = json.loads((ROOT / "dist" / "sbom.cdx.json").read_text())
    names = {component["name"].lower() for component in made["components"]}
    licences = (ROOT / "dist" / "licences.txt").read_text().splitlines()

    assert made["bomFormat"] == "CycloneDX"
    assert {"flask", "cryptography", "psycopg", "htmx.min.js", "sortable.min.js"} <= names
    assert not {"pytest", "mypy", "moto"} & names
    assert all(component.get("version") for component in made["components"])
    assert [line for line in licences if REFUSED.search(line.partition(": ")[2])] == []
    assert f"{len(made['components'])} components" in done.stdout


def with_venv() -> dict[str, str]:
    """The script asks for python3: the one that runs these tests."""
    return {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
