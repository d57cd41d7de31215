"""Answers only requests for this app's host names, which may be IPv6 addresses."""

from flask import Flask, abort, request

from tmr.config import host_of


def init_hosts(app: Flask, trusted: list[str]) -> None:
    """Answer 400 to a request whose ``Host`` is not one of ``trusted``; the port makes no difference."""

    @app.before_request
    def refuse_other_hosts() -> None:
        if host_of(f"http://{request.headers.get('Host', '')}") not in trusted:
            abort(400)
