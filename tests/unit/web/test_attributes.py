"""How templates write the attributes of an element."""

from jinja2 import Environment

from tmr.web.display.filters import FILTERS


def written(**values: object) -> str:
    environment = Environment(autoescape=True)
    environment.filters.update(FILTERS)
    return environment.from_string("<input{{ values|xmlattr }}>").render(values=values)


def test_a_true_attribute_is_there_by_its_name_and_a_false_one_is_not() -> None:
    assert written(required=True, autofocus=False, hidden=None) == "<input required>"


def test_values_are_escaped() -> None:
    assert written(title='"><b>') == '<input title="&#34;&gt;&lt;b&gt;">'
