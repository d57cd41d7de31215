"""The blueprint that the modules of this room add their routes to; the package's ``register`` imports them."""

from flask import Blueprint

blueprint = Blueprint("api", __name__)
