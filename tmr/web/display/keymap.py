"""Shows on pages which key does what; the keys are in one table, which the scripts read as well."""

import json
from functools import cache

from markupsafe import Markup

from tmr.web.transport.static_files import SOURCE


@cache
def _keys() -> dict[str, list[str]]:
    """Return what is shown for each shortcut, by the name of its scope and its action."""
    table = json.loads((SOURCE / "scripts" / "keyboard" / "keymap.json").read_text())
    with_keys = [shortcut for shortcut in table if shortcut["keys"]]
    return {
        f"{shortcut['scope']}.{shortcut['action']}": shortcut.get("kbd") or [shortcut.get("shown", shortcut["keys"][0])]
        for shortcut in with_keys
    }


def kbd(shortcut: str) -> Markup:
    """Return the keys of a shortcut, such as ``page.new``, as ``<kbd>`` elements, or raise ``KeyError``."""
    return Markup(" ").join(Markup("<kbd>{}</kbd>").format(key) for key in _keys()[shortcut])
