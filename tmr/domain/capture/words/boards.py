"""Names that are of no employer: of boards, of applicant systems and of what sends mails for somebody else."""

import tomllib
from functools import cache
from importlib.resources import files

from tmr.domain.fields.folding import fold


def is_board(name: str) -> bool:
    """Whether this is a board, an applicant system or the part of a site that has its postings."""
    return _is_one_of(name, "boards") or _is_one_of(name, "parts")


def is_sender_for_others(name: str) -> bool:
    """Whether this is a board, an applicant system, or another service whose mails are somebody else's."""
    return _is_one_of(name, "boards") or _is_one_of(name, "services")


def _is_one_of(name: str, kind: str) -> bool:
    folded = fold(name)
    return any(one in _names()[kind] for one in (folded, folded.removesuffix("com"), folded.removesuffix("de")))


@cache
def _names() -> dict[str, frozenset[str]]:
    said = tomllib.loads((files("tmr.domain.capture.words") / "boards.toml").read_text(encoding="utf-8"))
    return {kind: frozenset(map(fold, " ".join(names.split()).split(", "))) for kind, names in said.items()}
