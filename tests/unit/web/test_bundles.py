"""Style sheets: made of parts, each in one place."""

from tmr.web.transport.bundles import STYLES
from tmr.web.transport.static_files import SOURCE


def test_every_part_of_a_style_sheet_is_loaded_once() -> None:
    listed = [part for parts in STYLES.values() for part in parts]

    assert sorted(listed) == sorted(path.relative_to(SOURCE / "css").as_posix() for path in SOURCE.glob("css/**/*.css"))


def test_the_layers_are_named_before_anything_is_put_into_one() -> None:
    first = SOURCE / "css" / STYLES["app.css"][0]

    assert first.read_text().splitlines()[1] == "@layer reset, tokens, base, layout, components, utilities;"
