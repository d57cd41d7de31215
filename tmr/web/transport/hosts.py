"""Answers only requests for this app's host names, which may be IPv6 addresses."""

from flask import Flask, Response, request

from tmr.config import host_of
from tmr.web.error_pages import Words, answer

WORDS = Words(
    "Wrong address",
    "TrackMyRoles does not answer under this address, perhaps because it has moved. Nothing was changed.",
)


def init_hosts(app: Flask, trusted: list[str], base_url: str) -> None:
    """Answer 400 to a request whose ``Host`` is not one of ``trusted``; the port makes no difference.

    The page links to ``base_url``. It does not redirect: a form that was sent must not be sent on unseen.
    """

    @app.before_request
    def refuse_other_hosts() -> Response | None:
        if host_of(f"http://{request.headers.get('Host', '')}") in trusted:
            return None
        return answer(400, words=WORDS, address=base_url)
