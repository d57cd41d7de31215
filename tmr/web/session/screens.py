"""How wide the screen is that a list is shown on, in three steps: its columns are kept for each of them."""

from flask import g, request

from tmr.web.session.cookies import read_cookie, set_cookie

SCREENS = ("narrow", "medium", "wide")
SCREEN = "tmr-screen"
YEAR_SECONDS = 365 * 24 * 60 * 60


def current_screen() -> str:
    """Return the screen of this browser as a script told it, now or earlier; empty where none has."""
    return str(g.get("screen") or _known(read_cookie(SCREEN)))


def told_screen() -> str:
    """Return the screen that the form of this request names, and remember it; without one, that of this browser."""
    screen = _known(request.form.get("screen", ""))
    if screen and screen != current_screen():
        g.screen = screen
        set_cookie(SCREEN, screen, YEAR_SECONDS)
    return current_screen()


def _known(text: str) -> str:
    return text if text in SCREENS else ""
