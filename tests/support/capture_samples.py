"""The postings and mails in ``tests/samples/capture``, with what a careful person would fill in."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from tmr.domain.capture.words.names import clean_title

SAMPLES = Path(__file__).parents[1] / "samples" / "capture"
JUDGED = (
    *("company", "title", "location", "work_mode", "employment_type", "salary_min", "salary_max", "salary_currency"),
    *("salary_period", "deadline_on", "url"),
)
_CHARSET = re.compile(rb"charset=[\"']?([\w-]+)")


def cases(folder: str) -> Iterator[tuple[str, bytes, dict]]:
    """Yield name, content and answer of each sample in a folder."""
    for name, case in json.loads((SAMPLES / folder / "expected.json").read_text(encoding="utf-8")).items():
        yield name, (SAMPLES / folder / name).read_bytes(), case


def page_text(content: bytes) -> str:
    """Return the source of a page as a browser reads it."""
    charset = _CHARSET.search(content[:2_000])
    return content.decode(charset[1].decode() if charset else "utf-8")


def is_right(name: str, value: str, case: dict) -> bool:
    """Whether a value of a posting is the expected one, or another right reading of it."""
    expected = [case["fields"].get(name), *case.get("also", {}).get(name, [])]
    return any(_is_same(name, value, one or "") for one in expected)


def _is_same(name: str, value: str, expected: str) -> bool:
    if name == "title":
        return clean_title(value) == clean_title(expected)
    if name == "location" and value and expected:
        places, wanted = ([place.strip() for place in text.split(";")] for text in (value, expected))
        pairs = zip(places, wanted, strict=False)
        return len(places) == len(wanted) and all(f"{one},".startswith(f"{other},") for one, other in pairs)
    return value == expected
