"""Private files: whole, readable to their owner only, and never over one that must not be replaced."""

import os
from pathlib import Path

import pytest

from tmr.private_files import write_private


def test_a_file_is_readable_to_its_owner_only_and_no_draft_is_left(tmp_path: Path) -> None:
    write_private(tmp_path / "key", "first")
    write_private(tmp_path / "key", b"second")

    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert (tmp_path / "key").read_text() == "second"
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("has_hard_links", [True, False])
def test_a_new_file_is_never_put_over_another(tmp_path: Path, monkeypatch, has_hard_links: bool) -> None:
    def refuse(*_arguments: object) -> None:
        raise PermissionError

    if not has_hard_links:
        monkeypatch.setattr(os, "link", refuse)

    write_private(tmp_path / "kit", "first", is_new=True)
    with pytest.raises(FileExistsError):
        write_private(tmp_path / "kit", "second", is_new=True)

    assert [path.name for path in tmp_path.iterdir()] == ["kit"]
    assert (tmp_path / "kit").read_text() == "first"
    assert (tmp_path / "kit").stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_written_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    write_private(tmp_path / "ledger", "before")

    with pytest.raises(UnicodeEncodeError):
        write_private(tmp_path / "ledger", "\ud800")

    assert [path.name for path in tmp_path.iterdir()] == ["ledger"]
    assert (tmp_path / "ledger").read_text() == "before"
