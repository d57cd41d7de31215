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
    assert all(kbd(name).startswith("<kbd>") for name in asked)
    assert kbd("board.move") == "<kbd>Shift</kbd> <kbd>→</kbd>"
