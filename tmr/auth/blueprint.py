"""The blueprint of this room, on which its modules hang their routes; ``register`` of the package imports them."""

from flask import Blueprint

from tmr.auth.passwords.hashing import CrowdError
from tmr.web.errors import answer

blueprint = Blueprint("auth", __name__)

blueprint.register_error_handler(CrowdError, lambda _error: answer(503))
