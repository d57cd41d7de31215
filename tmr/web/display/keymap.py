"""Shows the keys of shortcuts on pages, from the same table that the scripts read."""

import json
from functools import cache

from markupsafe import Markup

from tmr.web.transport.static_files import SOURCE


@cache
def _keys() -> dict[str, list[str]]:
    """Return the keys to show for each shortcut, by ``scope.action``; shortcuts without keys are left out."""
    table = json.loads((SOURCE / "scripts" / "keyboard" / "keymap.json").read_text())
    with_keys = [shortcut for shortcut in table if shortcut["keys"]]
    return {
        f"{shortcut['scope']}.{shortcut['action']}": shortcut.get("kbd") or [shortcut.get("shown", shortcut["keys"][0])]
        for shortcut in with_keys
    }


def kbd(shortcut: str) -> Markup:
    """Return the keys of a shortcut, such as ``page.new``, as ``<kbd>`` elements, or raise ``KeyError``.

    On a button or beside a field they are for the eye: "New n" is no name. The board explains its keys in a sentence.
    """
    hidden = Markup("") if shortcut.startswith("board.") else Markup(' aria-hidden="true"')
    return Markup(" ").join(Markup("<kbd{}>{}</kbd>").format(hidden, key) for key in _keys()[shortcut])
