"""How templates write the attributes of an element."""

import re

from jinja2 import Environment

from tests.support.paths import ROOT
from tmr.web.display.filters import FILTERS


def written(**values: object) -> str:
    environment = Environment(autoescape=True)
    environment.filters.update(FILTERS)
    return environment.from_string("<input{{ values|xmlattr }}>").render(values=values)


def test_a_true_attribute_is_there_by_its_name_and_a_false_one_is_not() -> None:
    assert written(required=True, autofocus=False, hidden=None) == "<input required>"


def test_values_are_escaped() -> None:
    assert written(title='"><b>') == '<input title="&#34;&gt;&lt;b&gt;">'


def test_every_table_says_what_it_is_a_table_of() -> None:
    """17 tables were read aloud as “table” alone."""
    nameless = [
        path.name
        for path in (ROOT / "tmr/templates").rglob("*.html")
        for table in re.findall(r"<table\b.*?</?(?:caption|thead|tbody)", path.read_text(), re.DOTALL)
        if "aria-label" not in table and not table.endswith("<caption")
    ]

    assert nameless == []
