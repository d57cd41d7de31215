"""The pages that these tests begin on."""

from tests.browser.late.holding import page
from tests.browser.planning.test_board_by_hand import board
from tests.browser.records.test_application_page import application

__all__ = ["application", "board", "page"]
