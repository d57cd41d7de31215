"""One table of shortcuts, for the scripts, the help and the pages."""

import json
import re
from collections import Counter

import pytest

from tests.support.paths import ROOT
from tmr.web.display.keymap import kbd
from tmr.web.transport.static_files import SOURCE

TABLE = json.loads((SOURCE / "scripts" / "keyboard" / "keymap.json").read_text())
SCRIPTS = "".join(path.read_text() for path in (SOURCE / "scripts").rglob("*.js"))


def test_a_key_does_one_thing_in_one_place() -> None:
    keys = Counter((row["scope"], key) for row in TABLE for key in row["keys"])
    names = Counter((row["scope"], row["action"]) for row in TABLE)

    assert max(keys.values()) == 1
    assert max(names.values()) == 1


@pytest.mark.parametrize(
    "shortcut", [row for row in TABLE if row["keys"]], ids=lambda row: f"{row['scope']}.{row['action']}"
)
def test_each_action_is_known_to_a_script(shortcut: dict) -> None:
    assert re.search(rf'actionOf\("{shortcut["scope"]}", ', SCRIPTS)
    assert re.search(rf'\b{shortcut["action"]}(:|,|\(|")', SCRIPTS)


def test_pages_take_their_keys_from_the_table() -> None:
    templates = {path.name: path.read_text() for path in (ROOT / "tmr" / "templates").rglob("*.html")}
    asked = {name for text in templates.values() for name in re.findall(r'kbd\("([\w.]+)"\)', text)}

    assert [name for name, text in templates.items() if "<kbd" in text] == []
    assert all(kbd(name).startswith("<kbd") for name in asked)
    assert kbd("board.move") == "<kbd>Shift</kbd> <kbd>→</kbd>"
    assert kbd("page.new") == '<kbd aria-hidden="true">n</kbd>'  # no part of the name of a button


HEADINGS = {
    "page": "Anywhere",
    "anywhere": "Anywhere",
    "grid": "In the grid",
    "list": "In the grid",
    "editor": "In the grid",
    "lines": "On Today",
    "board": "On the board",
    "record": "On the page of a record",
    "calendar": "In the calendar",
    "days": "In the calendar",
    "form": "In a form",
}
ARROWS = {"ArrowUp": "↑", "ArrowDown": "↓", "ArrowLeft": "←", "ArrowRight": "→"}
WRITTEN = {**ARROWS, "X": "Shift x", "Escape": "Esc", " ": "space"}


@pytest.mark.parametrize(
    "shortcut",
    [row for row in TABLE if row["keys"] and (row.get("help") or row["scope"] not in ("grid", "editor"))],
    ids=lambda row: f"{row['scope']}.{row['action']}",
)
def test_the_page_on_the_keyboard_names_each_shortcut_under_its_place(shortcut: dict) -> None:
    if shortcut["scope"] == "outside":
        return
    pages = re.split(r"^## ", (ROOT / "docs" / "using" / "keyboard.md").read_text(), flags=re.M)
    section = next(text for text in pages if text.startswith(f"{HEADINGS[shortcut['scope']]}\n"))

    def is_named(key: str) -> bool:
        *with_keys, last = key.rsplit("+", 1)
        written = WRITTEN.get(last, last)
        both = {written, " ".join([*with_keys, written]), " ".join([*with_keys, written.upper()])}
        return bool(both & set(re.findall(r"`([^`]+)`", section))) or ("arrow keys" in section and last in ARROWS)

    assert any(is_named(key) for key in shortcut["keys"])
