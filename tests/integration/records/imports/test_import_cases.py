"""Files that people brought and that import badly: each with what should come of it, in ``expected.json``."""

import csv
import io
import json
import re
from html import unescape
from typing import Any

import pytest

from tests.support.paths import SAMPLES
from tests.support.people import Person, counts
from tmr.domain.fields.formula_escaping import restore

CASES = SAMPLES / "import-cases"
EXPECTED: dict[str, Any] = json.loads((CASES / "expected.json").read_text(encoding="utf-8"))["cases"]
LOOSE = ("notes", "job_description", "tags")


def rows_of(person: Person, plural: str) -> list[dict[str, str]]:
    if plural == "applications":
        text = person.csv()
    else:
        person.csv()
        text = person.get(f"/export/{plural}.csv").text
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    return [{name: restore(value) for name, value in row.items()} for row in rows]


def folded(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip("/")


def fits(wanted: object, value: str, *, is_loose: bool) -> bool:
    if isinstance(wanted, list):
        return any(fits(part, value, is_loose=is_loose) for part in wanted)
    if isinstance(wanted, dict):
        return all(folded(part) in folded(value) for part in wanted["has"])
    text = folded(str(wanted))
    return text in folded(value) if is_loose and text else text == folded(value)


def answers(page: str, allowed: dict[str, Any]) -> dict[str, str]:
    """Answer what the page asks, as far as it may be asked."""
    given: dict[str, str] = {}
    for name, inside in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        options = re.findall(r'<option value="([^"]*)"([^>]*)>', inside)
        chosen = next((value for value, rest in options if "selected" in rest), options[0][0] if options else "")
        name, chosen = unescape(name), unescape(chosen)
        if name.startswith("status.") and not chosen:
            word = name.removeprefix("status.").casefold()
            known = allowed.get("status", {})
            match = next(
                (said for said in known if said == word or (said.endswith("*") and word.startswith(said[:-1]))), None
            )
            assert match is not None, f"asks about {word!r}"
            given[name] = known[match]
        elif name.startswith("dates.") and chosen not in ("day-first", "month-first"):
            assert "dates" in allowed, f"asks about {name}"
            given[name] = allowed["dates"]
    if "columns" in allowed:
        given |= {f"column.{number}": field for number, field in allowed["columns"].items()}
    return given


def bring(person: Person, name: str, case: dict[str, Any]) -> tuple[str, str]:
    """Import a file, answer what may be asked; return the pages of the proposal and of the result."""
    if "after" in case:
        bring(person, case["after"], EXPECTED[case["after"]])
    content = (CASES / name).read_bytes()
    if case.get("do") == "paste":
        answer = person.post("/applications/paste", rows=content.decode())
        place = answer.headers["Location"]
        if not place.startswith("/import/"):
            return "", ""
    else:
        answer = person.upload(content, name)
        assert answer.status_code == 303, answer.text
        place = answer.headers["Location"]
    proposal = person.get(place).text
    given = answers(proposal, case.get("questions_allowed", {}))
    answer = person.post(place, **{**given, **case.get("fields", {})})
    assert answer.status_code == 303, re.findall(r"<span>(.*?)</span>", answer.text)
    return proposal, person.get(place).text


@pytest.mark.parametrize("name", [name for name, case in EXPECTED.items() if case.get("do") != "document"])
def test_what_should_come_of_a_file_comes_of_it(alice, name: str) -> None:
    case = EXPECTED[name]

    proposal, result = bring(alice, name, case)
    stored = rows_of(alice, case["kind"])
    everything = " ".join(
        folded(value)
        for plural in ("applications", "contacts", "interviews", "tasks", "events")
        for row in rows_of(alice, plural)
        for value in row.values()
    )

    assert len(stored) >= case["records"]
    left = list(stored)
    for wanted in case["rows"]:
        fields = {field: value for field, value in wanted.items() if field not in ("kept", "_kind", "_row")}
        match = next(
            (
                row
                for row in left
                if all(fits(value, row[field], is_loose=field in LOOSE) for field, value in fields.items())
            ),
            None,
        )
        assert match is not None, (wanted, left)
        left.remove(match)
        for text in wanted.get("kept", []):
            parts = text if isinstance(text, list) else [text]
            assert any(folded(part) in everything for part in parts), (text, everything)
    allowed = [*case.get("may_add", []), *case.get("add_or_name", [])]
    assert all(any(row["company"] == extra["company"] for extra in allowed) for row in left), left
    for wanted in case.get("add_or_name", []):
        is_added = any(row["company"] == wanted["company"] for row in stored)
        assert is_added or str(wanted.get("_named") or wanted["_row"]) in result
    for what, count in case.get("counts", {}).items():
        page, number = what.split()
        numbers = counts(proposal, "import-counts") if page == "counts" else counts(result, "import-result")
        assert numbers[number] == count
