"""The blueprint of this room, to which its modules add their routes; the package's ``register`` imports them."""

from flask import Blueprint

blueprint = Blueprint("records", __name__)
