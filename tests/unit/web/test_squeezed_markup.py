"""Templates are written for their reader; the page has only what its reader sees."""

import pytest

from tmr.web.display.rendering.squeezed_markup import squeezed


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ('<a class="x"\n   href="/y">\n  Foo\n</a>', '<a class="x" href="/y">Foo</a>'),
        ("<b>a</b>\n  <b>c</b>", "<b>a</b>\n <b>c</b>"),
        ("<p>\n  {% if a %}\n    T\n  {% endif %}\n</p>", "<p>{% if a %}\n T\n {% endif %}</p>"),
        ("<p>one\n   two\n</p>", "<p>one\n two</p>"),
        ('<i title="a > b"\n>\n  x</i>', '<i title="a > b" >x</i>'),
        ("<br>\n  x", "<br>\n x"),
        ("<b>a</b>\n  , and b\n {% if c %}; c{% endif %}\n .", "<b>a</b>, and b{% if c %}; c{% endif %}."),
        ("{{ a }}\n{% if b %}and b{% endif %}\n.", "{{ a }}\n {% if b %}and b{% endif %}."),
        ("{{ a }}\n  {{ b }}", "{{ a }}\n {{ b }}"),
    ],
)
def test_a_line_break_is_a_space_between_words_and_nothing_inside_an_element(written: str, sent: str) -> None:
    assert squeezed(written) == sent


@pytest.mark.parametrize("name", ["textarea", "pre"])
def test_what_is_shown_as_written_stays_as_written(name: str) -> None:
    text = f'<{name} rows="6">\n{{{{ value }}}}\n   x\n</{name}>'

    assert squeezed(text) == text
