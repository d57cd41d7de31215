"""The command line: ``tmr serve``, ``worker``, ``migrate``, ``keys``, ``account``. None prints content."""

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence

from tmr.config import SettingsError, load_settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status, 2 for a wrong setting."""
    options = _parser().parse_args(arguments)
    _no_core_dumps()
    try:
        return int(options.run(options) or 0)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if type(error).__name__ not in KNOWN_ERRORS:
            raise
        print(f"tmr: {error}", file=sys.stderr)
        return 2


KNOWN_ERRORS = {"SettingsError", "KeyringError", "EmbeddedError", "ServiceUserError", "UnknownAccountError"}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tmr", description="TrackMyRoles keeps a job search, sealed.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve the app, with one worker for the queue beside it")
    serve.add_argument("--host", help="address to listen on (TMR_HOST, default 127.0.0.1)")
    serve.add_argument("--port", help="port to listen on (TMR_PORT, default 8000)")
    serve.add_argument("--workers", help="number of web processes (TMR_WORKERS, default 2)")
    serve.set_defaults(run=_serve)
    commands.add_parser("worker", help="run jobs of the queue").set_defaults(run=_worker)
    commands.add_parser("migrate", help="bring the database's schema up to date").set_defaults(run=_migrate)
    keys = commands.add_parser("keys", help="the keyring").add_subparsers(required=True, metavar="ACTION")
    keys.add_parser("init", help="make a keyring where there is none").set_defaults(run=_keys_init)
    account = commands.add_parser("account", help="accounts").add_subparsers(required=True, metavar="ACTION")
    sign_out = account.add_parser("sign-out", help="end every session of an account")
    sign_out.add_argument("email", metavar="EMAIL")
    sign_out.set_defaults(run=_account_sign_out)
    return parser


def _serve(options: argparse.Namespace) -> int:
    for name in ("host", "port", "workers"):
        if getattr(options, name):
            os.environ[f"TMR_{name.upper()}"] = getattr(options, name)
    from tmr.wiring import serve

    return serve(load_settings())


def _worker(_options: argparse.Namespace) -> int:
    from tmr.wiring import run_worker

    return run_worker(load_settings())


def _migrate(_options: argparse.Namespace) -> int:
    from tmr.wiring import prepare

    prepare(load_settings()).leave()
    print("The schema is up to date.")
    return 0


def _keys_init(_options: argparse.Namespace) -> int:
    from tmr.wiring import make_keyring

    settings = load_settings()
    if settings.keyring_file.exists():
        raise SettingsError(f"There is a keyring at {settings.keyring_file} already.")
    make_keyring(settings)
    print(f"Made {settings.keyring_file}. Keep a copy of it elsewhere: without it nothing can be read.")
    return 0


def _account_sign_out(options: argparse.Namespace) -> int:
    from tmr.wiring import sign_out

    sign_out(load_settings(), options.email)
    print("Every device of this account is signed out.")
    return 0


def _no_core_dumps() -> None:
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
