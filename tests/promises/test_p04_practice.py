"""P04: recognised security practice: every line of the checklist has a test that carries its id.

Seen failing with a line added that no test names.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINES = re.findall(r"^\| ([A-Z]\d+) \| (.+) \|$", (ROOT / "docs" / "security-checklist.md").read_text(), re.M)
NAMES = re.findall(r"^(?:async )?def (test_\w+)", "\n".join(p.read_text() for p in ROOT.glob("tests/**/*.py")), re.M)


@pytest.mark.parametrize(("line", "words"), LINES, ids=[line for line, _ in LINES])
def test_p04_each_line_of_the_checklist_has_a_test_by_its_id(line: str, words: str) -> None:
    named = [name for name in NAMES if re.search(rf"_{line.lower()}_", name)]

    assert named or words.endswith("]")


@pytest.mark.parametrize("lock", ["run.lock", "test.lock"])
def test_g3_every_dependency_is_pinned_by_hash_and_without_an_address(lock: str) -> None:
    text = (ROOT / "requirements" / lock).read_text()
    entries = re.split(r"\n(?=\S)", text.strip())

    assert len(entries) > 40
    assert all(re.match(r"[\w.\[\],-]+==\S+", entry) and "--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
