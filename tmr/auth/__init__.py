"""Accounts: signing up and in, passwords, second factors, and what ends each way in."""

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
    "tokens.routes",
    "lock.routes",
    "lock.turning",
    "lock.passkeys",
    "lock.again",
)


def register(app: "Flask") -> None:
    """Add the routes of this room to ``app``.

    They are imported here and not at the top, because each of them imports this room's blueprint.
    """
    for module in ROUTES:
        import_module(f"{__name__}.{module}")
    app.register_blueprint(import_module(f"{__name__}.blueprint").blueprint)
