"""What the tests of parts have in common."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def nothing_is_cleared_up_amid_a_test() -> Iterator[None]:
    """Charge no test for looking through what thousands before it have left: that took a second at times."""
    was_on = gc.isenabled()
    gc.disable()
    yield
    if was_on:
        gc.enable()
