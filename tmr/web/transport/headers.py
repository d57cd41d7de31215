"""Security headers of every answer: pages, fragments, errors and static files."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g

POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'{form_targets}; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; "
    "manifest-src 'self'; require-trusted-types-for 'script'; trusted-types htmx"
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
    """Return the nonce of this answer, made when first asked for."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(18)
    return str(g.nonce)


VARY = "HX-Request, HX-Request-Type, Cookie"  # a part of a page is no page


def allow_form_to(url: str) -> None:
    """Let a form of this answer lead to the origin of ``url``: browsers check the redirect of a form too."""
    parts = urlsplit(url)
    g.form_targets = f" {parts.scheme}://{parts.netloc}"


def policy_of_this_answer(policy: str) -> None:
    """Let this answer have a policy of its own in place of the pages'."""
    g.own_policy = policy


def init_headers(app: Flask, *, is_secure: bool) -> None:
    """Put the headers on every answer that Flask gives."""

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
    """Put the same headers on a static file."""
    headers.update(FIXED)
    headers["Content-Security-Policy"] = STATIC_POLICY
    if is_secure:
        headers["Strict-Transport-Security"] = HSTS
