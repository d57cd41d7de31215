"""Accounts and sessions: sign-up, sign-in, sign-out."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

ROUTES = (
    "account_routes",
    "security_page",
    "sign_in.routes",
    "sign_in.second_step",
    "sign_in.devices",
    "sign_up.routes",
    "sign_up.verification",
    "passwords.change",
    "passwords.reset_routes",
    "factors.totp_routes",
    "factors.passkey_routes",
    "factors.reauthentication",
    "providers.routes",
)


def register(app: "Flask") -> None:
    """Add the routes of this room to ``app``.

    They are imported here and not above, since each of them imports the blueprint of this room.
    """
    for module in ROUTES:
        import_module(f"{__name__}.{module}")
    app.register_blueprint(import_module(f"{__name__}.blueprint").blueprint)
