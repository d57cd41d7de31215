"""What a script says has its blanks: the minifier takes those of a template string that stands within another."""

import re
from pathlib import Path

import pytest

from tests.support.paths import ROOT

NESTED = re.compile(r"`[^`\n]*\$\{[^}`\n]*`")
SCRIPTS = sorted((ROOT / "tmr" / "static" / "scripts").rglob("*.js"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_template_string_stands_within_another(path: Path) -> None:
    """Seen failing with “Move 3rows to”, which was served so in three places."""
    assert NESTED.findall(path.read_text()) == []
