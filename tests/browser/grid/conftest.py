"""The page that these tests begin on."""

from tests.browser.late.holding import page

__all__ = ["page"]
