"""Sets up on the Flask application what every room relies on."""

from urllib.parse import urlsplit

import msgspec
from flask import Flask, current_app
from werkzeug.middleware.proxy_fix import ProxyFix

from tmr.config import GOOGLE
from tmr.domain.fields.files import MAX_FILE_MB
from tmr.domain.fields.types.times import ZONES
from tmr.domain.kinds import KINDS
from tmr.web.display.cells import card, cell, described, row, shown, shown_alone
from tmr.web.display.filters import FILTERS
from tmr.web.display.keymap import kbd
from tmr.web.display.rendering.compressed_pages import init_compression
from tmr.web.display.rendering.environment import TemplateEnvironment
from tmr.web.display.rendering.rendered_once import rendered_once
from tmr.web.display.rendering.squeezed_markup import SqueezedMarkup
from tmr.web.error_pages import init_errors
from tmr.web.htmx import lead_by_header
from tmr.web.kind_converter import KindConverter
from tmr.web.lock.closed_page import init_closed_pages
from tmr.web.monitoring.admission import ADMISSION, Admission, aside
from tmr.web.monitoring.busy_answers import admitted
from tmr.web.monitoring.metrics import init_metrics
from tmr.web.monitoring.observation import init_observation
from tmr.web.services import EXTENSION, Services
from tmr.web.session.cookies import init_cookies
from tmr.web.session.counts import tell_counts
from tmr.web.session.csrf import csrf_token, init_csrf
from tmr.web.session.current import finish_unit_of_work, login_manager
from tmr.web.session.turns.searches import give_back_turn
from tmr.web.storage_limit import is_nearly_full
from tmr.web.transport.bodies import whole_bodies
from tmr.web.transport.headers import allow_form_to, init_headers
from tmr.web.transport.hosts import init_hosts, init_https
from tmr.web.transport.request import BoundedRequest, refuse_bad_text, refuse_unearned_body
from tmr.web.transport.static_files import StaticFiles
from tmr.web.visitors.installation import installation

HTMX_CONFIG = msgspec.json.encode(
    {
        "extensions": "hx-csp",
        "includeIndicatorCSS": False,
        "mode": "same-origin",
        "history": "reload",
        "defaultTimeout": 20_000,
        "defaultSettleDelay": 0,  # or a key could come between a new part and its focus
        "noSwap": [204, 304, "5xx"],
    }
).decode()


def init_web(app: Flask, services: Services) -> None:
    """Set up requests, sign-in, headers, CSRF, errors, templates and static files.

    The order matters: hooks run before a request in the order they are registered, and after it in reverse.
    """
    settings = services.settings
    app.extensions[EXTENSION] = services
    app.jinja_environment = TemplateEnvironment
    init_observation(app)
    init_metrics(app, services)
    services.repository.while_waiting = aside
    init_compression(app)
    init_hosts(app, settings.trusted_hosts, settings.base_url)
    init_https(app, settings)
    init_requests(app)
    login_manager.init_app(app)
    app.teardown_request(finish_unit_of_work)
    app.teardown_request(give_back_turn)
    init_headers(app, is_secure=settings.is_secure)
    init_csrf(app, services.cookie_keys, is_secure=settings.is_secure)
    init_cookies(app)
    init_errors(app)
    init_closed_pages(app)
    init_templates(app)
    serve_static(app, services)


def init_requests(app: Flask) -> None:
    """Limit the size of requests, refuse bytes that are not text, and let htmx follow redirects with the whole page."""
    app.request_class = BoundedRequest
    app.url_map.converters["kind"] = KindConverter
    app.url_map.merge_slashes = False  # an address with ``//`` is no page; Werkzeug would redirect it
    app.before_request(refuse_unearned_body)
    app.before_request(refuse_bad_text)
    app.after_request(lead_by_header)
    app.after_request(tell_counts)


def init_templates(app: Flask) -> None:
    """Set up Jinja: white space, the app's filters, and the names that every template can use."""
    app.jinja_env.add_extension(SqueezedMarkup)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(FILTERS, card=card, cell=cell, row=row, described=described)
    app.jinja_env.filters.update(shown=shown, shown_alone=shown_alone)
    app.jinja_env.globals.update(
        kinds=KINDS,
        zones=tuple(sorted({zone for zone in ZONES.values() if "/" in zone and not zone.startswith("Etc/")})),
        csrf_token=csrf_token,
        htmx_config=HTMX_CONFIG,
        read_flash=msgspec.json.decode,
        rendered_once=rendered_once,
        is_nearly_full=is_nearly_full,
        sign_in_provider=sign_in_provider,
        installation=installation,
        max_file_mb=MAX_FILE_MB,
    )


def sign_in_provider() -> str:
    """Return the name of the sign-in provider, and let this page's forms lead to it; nothing if there is none."""
    provider = current_app.extensions[EXTENSION].settings.provider
    if provider is None:
        return ""
    allow_form_to(provider.issuer)
    return "Google" if provider.issuer == GOOGLE else str(urlsplit(provider.issuer).hostname)


def serve_static(app: Flask, services: Services) -> None:
    """Answer static files before Flask, let only whole bodies reach it, and trust as many proxies as are configured."""
    files = StaticFiles(services.settings.data_dir / "static")
    app.jinja_env.globals["static"] = files.url
    app.jinja_env.globals["kbd"] = kbd
    admission = app.extensions[ADMISSION] = Admission()
    is_secure = services.settings.is_secure
    app.wsgi_app = admitted(app.wsgi_app, admission, is_secure=is_secure)  # type: ignore[assignment,method-assign]
    app.wsgi_app = files.serve(app.wsgi_app, is_secure=is_secure)  # type: ignore[method-assign]
    app.wsgi_app = whole_bodies(app.wsgi_app)  # type: ignore[assignment,method-assign]
    if count := services.settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=1, x_host=1)  # type: ignore[method-assign]
