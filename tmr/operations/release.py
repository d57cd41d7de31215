"""Which release this is: its version, and the commit if it runs from a clone."""

import re
from importlib.metadata import version
from pathlib import Path


def release(folder: Path = Path(__file__).parents[2]) -> str:
    """Return the version, with the first letters of the commit if ``folder`` is a clone."""
    commit = _commit(folder / ".git")
    return f"{version('tmr')}, commit {commit[:12]}" if commit else version("tmr")


def _commit(git: Path) -> str:
    """Return the id of the commit that is checked out, read as git writes it; nothing where there is none."""
    try:
        head = (git / "HEAD").read_text(encoding="ascii").strip()
        if not head.startswith("ref: "):
            return head if re.fullmatch(r"[0-9a-f]{40}", head) else ""
        name = head.removeprefix("ref: ")
        if (git / name).is_file():
            return (git / name).read_text(encoding="ascii").strip()
        packed = (git / "packed-refs").read_text(encoding="ascii")
        match = re.search(rf"^([0-9a-f]{{40}}) {re.escape(name)}$", packed, re.M)
        return match[1] if match else ""
    except (OSError, UnicodeDecodeError):
        return ""
