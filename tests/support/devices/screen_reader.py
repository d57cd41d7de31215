"""What a screen reader is told of a page: its accessibility tree, as Chromium has built it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page

Node = dict[str, Any]

CONTROLS = {
    "button",
    "checkbox",
    "combobox",
    "DisclosureTriangle",
    "link",
    "listbox",
    "menuitem",
    "radio",
    "searchbox",
    "slider",
    "spinbutton",
    "switch",
    "tab",
    "textbox",
}
FORM_CONTROLS = CONTROLS - {"button", "DisclosureTriangle", "link", "menuitem", "tab"}
NAMED = CONTROLS | {"dialog", "grid", "heading", "table", "treegrid", "region", "image", "meter"}
LANDMARKS = {"banner", "main", "contentinfo"}


def faults_of(page: Page) -> list[str]:
    """Return what a person who only hears this page cannot tell apart or make sense of."""
    session = page.context.new_cdp_session(page)
    found = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    nodes = {node["nodeId"]: node for node in found}
    heard = [node for node in _in_order(found[0], nodes) if not node.get("ignored")]
    return [*_unnamed(heard), *_alike(heard, nodes), *_out_of_order(heard), *_landmarks(heard)]


def _in_order(node: Node, nodes: dict[str, Node]) -> Iterator[Node]:
    """Yield a node and all that is in it, as they are read."""
    yield node
    for child in node.get("childIds", []):
        if child in nodes:
            yield from _in_order(nodes[child], nodes)


def _role(node: Node) -> str:
    return str(node.get("role", {}).get("value", ""))


def _name(node: Node) -> str:
    return " ".join(str(node.get("name", {}).get("value", "")).split())


def _unnamed(heard: list[Node]) -> list[str]:
    return [f"a {_role(node)} has no name" for node in heard if _role(node) in NAMED and not _name(node)]


def _alike(heard: list[Node], nodes: dict[str, Node]) -> list[str]:
    """Return form controls of one role that are called alike and are in no groups, rows or items that differ."""
    controls = [node for node in heard if _role(node) in FORM_CONTROLS]
    called = Counter((_role(node), _name(node), tuple(_around(node, nodes))) for node in controls)
    return [f"{count} times the {role} “{name}”" for (role, name, _), count in called.items() if count > 1]


def _around(node: Node, nodes: dict[str, Node]) -> Iterator[str]:
    """Yield the names of what a control is in, from the inside to the outside."""
    while (parent := nodes.get(node.get("parentId", ""))) is not None:
        if _role(parent) in {"group", "radiogroup", "row", "listitem", "region", "form", "dialog", "article", "Date"}:
            yield _name(parent)
        node = parent


def _out_of_order(heard: list[Node]) -> list[str]:
    """Return headings that skip a level; a dialog may begin with one of level 2."""
    levels = [
        (int(entry["value"]["value"]), _name(node))
        for node in heard
        if _role(node) == "heading"
        for entry in node.get("properties", [])
        if entry["name"] == "level"
    ]
    before = [1, *(level for level, _ in levels)]
    return [f"“{name}” skips a level" for (level, name), last in zip(levels, before, strict=False) if level > last + 1]


def _landmarks(heard: list[Node]) -> list[str]:
    counts = Counter(_role(node) for node in heard)
    several = [f"{counts[role]} of {role}" for role in sorted(LANDMARKS) if counts[role] > 1]
    is_whole = not counts["dialog"]  # one that is open hides the rest
    return [*several, *(["no main part"] if is_whole and not counts["main"] else [])]
