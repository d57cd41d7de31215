"""The blueprint of this room, on which its modules hang their routes; ``register`` of the package imports them."""

from flask import Blueprint

from tmr.auth.passwords.hashing import CrowdError, ask_from
from tmr.web.errors import answer
from tmr.web.session.throttling import client_site

blueprint = Blueprint("auth", __name__)

blueprint.register_error_handler(CrowdError, lambda _error: answer(503))
blueprint.before_app_request(lambda: ask_from(client_site()))
