"""Migrations expand: the release before goes on working on the new schema while machines are replaced one by one.

What a migration takes away or makes stricter waits for a later release, and is named here with the release that no
longer needed it. The first four came before there was a release to keep working.
"""

import re
from pathlib import Path

import pytest

from tests.support.paths import ROOT

VERSIONS = ROOT / "tmr/repository/migrations/versions"
BEFORE_ANY_RELEASE = ("0001", "0002", "0003", "0004")
CONTRACTED: dict[str, str] = {}
CONTRACTING = (
    r"\bDROP (TABLE|COLUMN|VIEW|TYPE|FUNCTION|INDEX)\b",
    r"\bRENAME\b",
    r"\bALTER COLUMN \S+ (SET DATA )?TYPE\b",
    r"\bSET NOT NULL\b",
    r"\bADD COLUMN (?!.*\bDEFAULT\b)[^;,]*\bNOT NULL\b",
    r"\bREVOKE\b",
)


def upward(path: Path) -> str:
    """What a migration does on the way up."""
    return re.split(r"^DOWN = |^def downgrade", path.read_text(), flags=re.M)[0]


@pytest.mark.parametrize("path", sorted(VERSIONS.glob("[0-9]*.py")), ids=lambda path: path.stem)
def test_a_migration_takes_nothing_away_that_the_release_before_uses(path: Path) -> None:
    version = path.stem.partition("_")[0]
    if version in BEFORE_ANY_RELEASE:
        assert path.stem < "0005"
        return
    patterns = [pattern for pattern in CONTRACTING if re.search(pattern, upward(path), re.I)]

    assert patterns == [] or version in CONTRACTED


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE a DROP COLUMN b",
        "DROP TABLE a",
        "ALTER TABLE a RENAME COLUMN b TO c",
        "ALTER TABLE a ALTER COLUMN b TYPE text",
        "ALTER TABLE a ALTER COLUMN b SET NOT NULL",
        "ALTER TABLE a ADD COLUMN b text NOT NULL",
        "REVOKE SELECT ON a FROM tmr_app",
    ],
)
def test_statements_that_contract_are_recognised(statement: str) -> None:
    assert any(re.search(pattern, statement, re.I) for pattern in CONTRACTING)


def test_an_addition_with_a_default_expands() -> None:
    added = "ALTER TABLE a ADD COLUMN b text NOT NULL DEFAULT ''"

    assert not any(re.search(pattern, added, re.I) for pattern in CONTRACTING)
