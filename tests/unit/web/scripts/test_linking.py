"""Modules become one script that does the same, or are refused."""

import pytest

from tmr.web.transport.linking import LinkError, link, link_apart, link_later, modules_of, shared_modules

EXPORTS = "export const one = 1;\nexport async function two() {}\n"


def test_a_module_comes_once_and_before_those_that_need_it() -> None:
    sources = {
        "entry.js": 'import "./a/left.js";\nimport "./right.js";\n',
        "a/left.js": 'import { one } from "../common.js";\none;\n',
        "right.js": 'import { one } from "./common.js";\none;\n',
        "common.js": EXPORTS,
    }

    assert modules_of(sources, "entry.js") == ["common.js", "a/left.js", "right.js", "entry.js"]
    assert link(sources, "entry.js").count("const one = 1;") == 1


def test_each_module_has_names_of_its_own_and_gives_away_what_it_exports() -> None:
    sources = {"entry.js": 'import { one, two } from "./common.js";\ntwo(one);\n', "common.js": EXPORTS}

    script = link(sources, "entry.js")

    assert script == (
        '"use strict";\n{\n'
        "const $_0 = (() => {\nconst one = 1;\nasync function two() {}\nreturn { one, two };\n})();\n"
        "const $_1 = (() => {\nconst { one, two } = $_0;\ntwo(one);\nreturn {  };\n})();\n"
        "}\n"
    )


def test_an_import_may_take_several_lines() -> None:
    sources = {"entry.js": 'import {\n  one,\n  two,\n} from "./common.js";\n', "common.js": EXPORTS}

    assert "one,\n  two,\n} = $_0;" in link(sources, "entry.js")


def test_data_is_imported_as_it_is() -> None:
    sources = {"entry.js": 'import table from "./table.json" with { type: "json" };\n', "table.json": "[1, 2]\n"}

    script = link(sources, "entry.js")

    assert "const $_0 = [1, 2];" in script
    assert "const table = $_0;" in script


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ('import { three } from "./common.js";\n', "three, which common.js does not export"),
        ('import "./nowhere.js";\n', "nowhere.js, which is missing"),
        ('import "./entry.js";\n', "imports itself"),
        ('import { one as uno } from "./common.js";\n', "as, uno, which common.js does not export"),
        ('import * as all from "./common.js";\n', "cannot be linked"),
        ('import "./common.js"\n', "cannot be linked"),
        ('const late = import("./common.js");\n', "cannot be linked"),
        ("const here = import.meta.url;\n", "cannot be linked"),
        ("export let count = 0;\n", "cannot be linked"),
        ("export default 1;\n", "cannot be linked"),
        ("const a = 1;\nexport { a };\n", "cannot be linked"),
        ("await null;\n", "cannot be linked"),
    ],
)
def test_what_cannot_be_linked_is_refused(source: str, told: str) -> None:
    sources = {"entry.js": source, "common.js": EXPORTS}

    with pytest.raises(LinkError, match=told):
        link(sources, "entry.js")


APART = {
    "entry.js": 'import "./first.js";\nimport "./grid.js";\nimport "./last.js";\n',
    "first.js": EXPORTS,
    "grid.js": 'import { one } from "./first.js";\nimport { date } from "./dates.js";\nimport "./c.js";\ndate(one);\n',
    "c.js": "globalThis.cells = 1;\n",
    "dates.js": "export const date = (day) => day;\n",
    "last.js": 'import { date } from "./dates.js";\ndate();\n',
}


def test_a_script_apart_runs_in_its_place_with_the_modules_of_the_other() -> None:
    script, apart = link(APART, "entry.js", ["grid.js"]), link_apart(APART, "entry.js", "grid.js", ["grid.js"])

    assert 'globalThis.$_apart?.["grid.js"]?.({ "first.js": $_0, "dates.js": $_1 });' in script
    assert (
        script.index("const one = 1;")
        < script.index("const date =")
        < script.index("$_apart")
        < script.index("date();")
    )
    assert "globalThis.cells" not in script
    assert apart == (
        '"use strict";\n(globalThis.$_apart ??= {})["grid.js"] = ($_given) => {\n'
        'const $_0 = $_given["first.js"];\nconst $_1 = $_given["dates.js"];\n'
        "const $_2 = (() => {\nglobalThis.cells = 1;\nreturn {  };\n})();\n"
        "const $_3 = (() => {\nconst { one } = $_0;\nconst { date } = $_1;\ndate(one);\nreturn {  };\n})();\n"
        "};\n"
    )


def test_what_is_shared_with_a_script_apart_is_what_the_other_has_anyway() -> None:
    assert modules_of(APART, "entry.js", without=["grid.js"]) == ["first.js", "dates.js", "last.js", "entry.js"]
    assert shared_modules(APART, "entry.js", "grid.js", ["grid.js"]) == ["first.js", "dates.js"]


def test_what_only_two_scripts_apart_need_is_in_both_of_them() -> None:
    """Seen failing: each took it for something that the script of the page has, and gave it to the other."""
    sources = {
        "entry.js": 'import "./grid.js";\nimport "./files.js";\n',
        "grid.js": 'import { one } from "./common.js";\none();\n',
        "files.js": 'import { two } from "./common.js";\ntwo();\n',
        "common.js": EXPORTS,
    }
    apart = ["grid.js", "files.js"]

    assert "const one = 1;" not in link(sources, "entry.js", apart)
    for name in apart:
        assert "const one = 1;" in link_apart(sources, "entry.js", name, apart)


def test_a_module_for_later_is_one_module_that_gives_away_the_same() -> None:
    sources = {"late.js": 'import { one } from "./common.js";\nexport const three = one;\n', "common.js": EXPORTS}

    assert link_later(sources, "late.js") == (
        "const $_0 = (() => {\nconst one = 1;\nasync function two() {}\nreturn { one, two };\n})();\n"
        "const $_1 = (() => {\nconst { one } = $_0;\nconst three = one;\nreturn { three };\n})();\n"
        "export const { three } = $_1;\n"
    )
    assert "export" not in link_later({"late.js": "globalThis.late = 1;\n"}, "late.js")


def test_an_address_that_the_page_names_is_imported_when_it_is_needed() -> None:
    assert "import(address)" in link({"entry.js": "const late = () => import(address);\nlate();\n"}, "entry.js")
