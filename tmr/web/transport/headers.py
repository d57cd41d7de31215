"""Security headers of every answer: pages, fragments, errors and static files."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g

POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'{form_targets}; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; "
    "manifest-src 'self'; worker-src 'self'; require-trusted-types-for 'script'; trusted-types htmx tmr-worker"
)
FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), interest-cohort=()",
}
STATIC_POLICY = "default-src 'none'; frame-ancestors 'none'"
HSTS = "max-age=63072000; includeSubDomains"


def nonce() -> str:
    """Return the nonce for scripts in this answer, the same each time within a request."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(18)
    return str(g.nonce)


# Or Back could show a part of a page as the page. The last two decide whether a page is compressed.
VARY = "HX-Request, HX-Request-Type, Cookie, Accept-Encoding, Sec-Fetch-Site"


def allow_form_to(url: str) -> None:
    """Let forms of this page lead to the origin of ``url``: browsers check where a form redirects to as well."""
    parts = urlsplit(url)
    g.form_targets = f" {parts.scheme}://{parts.netloc}"


def policy_of_this_answer(policy: str) -> None:
    """Give this answer ``policy`` instead of the policy for pages."""
    g.own_policy = policy


def init_headers(app: Flask, *, is_secure: bool) -> None:
    """Put the security headers on every answer from Flask, and make ``nonce`` known to templates."""

    @app.after_request
    def add(response: Response) -> Response:
        response.headers.update(FIXED)
        usual = POLICY.format(nonce=nonce(), form_targets=g.get("form_targets", ""))
        response.headers["Content-Security-Policy"] = g.get("own_policy", usual)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Vary", VARY)
        if is_secure:
            response.headers["Strict-Transport-Security"] = HSTS
        return response

    app.jinja_env.globals["nonce"] = nonce


def static_headers(headers: dict[str, str], *, is_secure: bool) -> None:
    """Add the security headers of a static file to ``headers``."""
    headers.update(FIXED)
    headers["Content-Security-Policy"] = STATIC_POLICY
    if is_secure:
        headers["Strict-Transport-Security"] = HSTS
