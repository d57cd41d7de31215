"""Style sheets and scripts: made of parts, each in one place."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest

from tmr.web.transport.bundles import APART, LATER, SCRIPTS, STYLES
from tmr.web.transport.linking import modules_of, shared_modules
from tmr.web.transport.static_files import SOURCE, smaller_style

MODULES = {
    path.relative_to(SOURCE / "scripts").as_posix(): path.read_text()
    for path in sorted((SOURCE / "scripts").rglob("*.*"))
}


def test_every_part_of_a_style_sheet_is_loaded() -> None:
    listed = {part for parts in STYLES.values() for part in parts}

    assert listed == {path.relative_to(SOURCE / "css").as_posix() for path in SOURCE.glob("css/**/*.css")}


def test_the_layers_are_named_before_anything_is_put_into_one() -> None:
    first = SOURCE / "css" / STYLES["app.css"][0]

    assert first.read_text().splitlines()[1] == "@layer reset, tokens, base, layout, components, utilities;"


def modules() -> Iterator[list[str]]:
    """The modules in each script, the scripts apart and those that are loaded later included."""
    for entry in (*SCRIPTS.values(), *LATER.values()):
        yield modules_of(MODULES, entry, without=APART.values())
    for apart in APART.values():
        shared = shared_modules(MODULES, SCRIPTS["app.js"], apart, APART.values())
        yield [module for module in modules_of(MODULES, apart) if module not in shared]


@pytest.mark.parametrize(
    "style",
    [
        ".a:has(.pick :checked){color:red}",
        ".broad :is(.lead, nav p){color:red}",
        "@media print{.ledger[data-grid] :is(th, td):first-child{color:red}}",
        ".card{& :hover + span{color:red}}",
    ],
)
def test_a_style_is_about_the_same_elements_when_it_is_small(style: str) -> None:
    small = smaller_style(style.encode()).decode()

    assert small.count(" *:") == style.count(" :")
    assert smaller_style(b".a:hover , .b > :first-child { color: red }") == b".a:hover,.b>:first-child{color:red}"


def test_every_module_is_loaded() -> None:
    assert {module for script in modules() for module in script} == set(MODULES)


@pytest.mark.parametrize(
    ("apart", "needed"),
    [
        ("grid.js", {"grid/movement.js", "grid/editor.js", "commands/letters.js"}),
        ("record.js", {"page/record.js"}),
        ("files.js", {"files/upload.js", "files/drop_on_page.js"}),
        ("calendar.js", {"lists/calendar.js", "lists/days.js"}),
    ],
)
def test_what_only_some_pages_need_is_loaded_only_by_them(apart: str, needed: set[str]) -> None:
    scripts = list(modules())
    own = scripts.pop(list(APART).index(apart) - len(APART))

    assert needed <= set(own)
    assert not set(own) & {module for script in scripts for module in script}


def test_a_module_of_two_scripts_keeps_nothing_and_listens_to_nothing() -> None:
    counts = Counter(module for script in modules() for module in script)
    shared = [module for module, count in counts.items() if count > 1 and module.endswith(".js")]

    assert shared
    for module in shared:
        outermost = re.findall(r"^[^\s/}\])].*$", MODULES[module], re.M)
        assert [
            line for line in outermost if not re.match(r"(import|(export )?(const|(async )?function)) ", line)
        ] == []
        assert not re.search(r"^(export )?const \w+ = (new|\[|\{)", MODULES[module], re.M)
