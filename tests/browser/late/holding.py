"""Answers and scripts that come as late as a test says, in the order that it says."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import APIResponse, Page, Route

from tests.browser.conftest import sign_up, wait_until

MOST_TRIES = 3  # the server may end an idle connection in the moment in which it is used again


@pytest.fixture
def page(open_page: Callable[..., Page], email: str) -> Page:
    """A person who just signed up, without a service worker: past one, the driver does not see every request."""
    return sign_up(open_page(service_workers="block"), email)


class Late:
    """Requests whose answers wait, though the server has carried out each of them at once; scripts that wait."""

    def __init__(self, page: Page, pattern: str, method: str = "POST") -> None:
        self._page, self._method = page, method
        self._waiting: list[tuple[Route, list[APIResponse]]] = []  # in the order in which they were sent
        self._is_open = False
        page.route(re.compile(pattern), self._hold)

    def _hold(self, route: Route) -> None:
        if self._is_open or route.request.method != self._method:
            route.continue_()
        else:
            answered: list[APIResponse] = []
            self._waiting.append((route, answered))
            answered.append(route.fetch(max_retries=MOST_TRIES))

    def wait_for(self, count: int) -> None:
        """Wait until so many of them wait."""
        wait_until(self._page, lambda: len([route for route, answered in self._waiting if answered]) >= count)

    def answer(self, at: int = 0) -> None:
        """Let one of them be answered."""
        route, answered = self._waiting.pop(at)
        wait_until(self._page, lambda: answered)
        route.fulfill(response=answered[0])

    def open(self) -> None:
        """Let all that wait be answered in their order, and hold nothing back any more."""
        self._is_open = True
        while self._waiting:
            self.answer()

    def close(self) -> None:
        """Hold back again."""
        self._is_open = False
