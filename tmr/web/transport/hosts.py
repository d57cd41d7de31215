"""Only requests for our own name are answered, an IPv6 address among them."""

from flask import Flask, abort, request

from tmr.config import host_of


def init_hosts(app: Flask, trusted: list[str]) -> None:
    """Refuse a request whose Host is not one of ``trusted``, whatever its port."""

    @app.before_request
    def refuse_other_hosts() -> None:
        if host_of(f"http://{request.headers.get('Host', '')}") not in trusted:
            abort(400)
