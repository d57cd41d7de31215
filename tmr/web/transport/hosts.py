"""Answers only requests for this app's host names, and over https where that is its address (T3)."""

from urllib.parse import quote

from flask import Flask, Response, abort, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from tmr.config import Settings, host_of
from tmr.web.error_pages import Words, answer

WORDS = Words(
    "Wrong address",
    "TrackMyRoles does not answer under this address, perhaps because it has moved. Nothing was changed.",
)

PROBES = ("/healthz", "/readyz", "/metrics")  # asked by the machine or the platform itself, past every proxy
TOLD = "X-Forwarded-Proto"
UNCOUNTED = Words(
    "A proxy that is not configured",
    "This address is https only, and this request came by a proxy that TMR_PROXIES does not count. The operator has to "
    "set it to the number of proxies.",
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


def init_https(app: Flask, settings: Settings) -> None:
    """Send pages to the https address, and refuse everything else over plain http.

    A server with TLS of its own gets nothing else on its port. Behind proxies the nearest says how it was reached; one
    that says nothing is believed to end TLS, as before: a redirect would lead back here for ever.
    """
    if not settings.is_secure or settings.tls_cert or settings.tls_self_signed:
        return

    @app.before_request
    def refuse_plain_http() -> BaseResponse | None:
        is_told = TOLD in request.headers
        if request.is_secure or request.path in PROBES or (settings.proxies and not is_told):
            return None
        if is_told and not settings.proxies:
            return answer(400, words=UNCOUNTED, address=settings.base_url)
        if request.method not in ("GET", "HEAD"):
            abort(403)
        return _redirected(settings.base_url)


def _redirected(base_url: str) -> Response:
    path = quote(request.path, safe="/%:@=-._~")
    query = quote(request.query_string, safe="=&%+/:,;@-._~")
    return redirect(f"{base_url}{path}{'?' * bool(query)}{query}", 308)  # type: ignore[return-value]
