"""The blueprint of this room, on which its modules hang their routes; ``register`` of the package imports them."""

from flask import Blueprint

blueprint = Blueprint("auth", __name__)
