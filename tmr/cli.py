"""The command line: ``tmr serve``, ``demo``, ``worker``, ``migrate``, ``keys``, ``account``. None prints content."""

import argparse
import contextlib
import getpass
import os
import sys
from collections.abc import Callable, Sequence

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


KNOWN_ERRORS = {
    "AccountRefusedError",
    "EmailTakenError",
    "EmbeddedError",
    "KeyringError",
    "ServiceUserError",
    "SettingsError",
    "UnknownAccountError",
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tmr", description="TrackMyRoles keeps a job search, sealed.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="serve the app, with one worker for the queue beside it")
    serve.add_argument("--host", help="address to listen on (TMR_HOST, default 127.0.0.1)")
    serve.add_argument("--port", help="port to listen on (TMR_PORT, default 8000)")
    serve.add_argument("--workers", help="number of web processes (TMR_WORKERS, default 2)")
    serve.add_argument("--tls-cert", metavar="FILE", help="serve https with this certificate (TMR_TLS_CERT)")
    serve.add_argument("--tls-key", metavar="FILE", help="the key of the certificate (TMR_TLS_KEY)")
    serve.set_defaults(run=_serve)
    _add_demo(commands.add_parser("demo", help="serve a made-up search, in a folder of its own, to look around in"))
    commands.add_parser("worker", help="run jobs of the queue").set_defaults(run=_worker)
    commands.add_parser("migrate", help="bring the database's schema up to date").set_defaults(run=_migrate)
    keys = commands.add_parser("keys", help="the keyring").add_subparsers(required=True, metavar="ACTION")
    keys.add_parser("init", help="make a keyring where there is none").set_defaults(run=_keys_init)
    _add_account_commands(commands.add_parser("account", help="accounts"))
    return parser


def _add_demo(demo: argparse.ArgumentParser) -> None:
    demo.add_argument("--records", type=int, default=60, metavar="N", help="how many applications; 60 at least")
    demo.add_argument("--port", help="port to listen on (TMR_PORT, default 8000)")
    demo.set_defaults(run=_demo)


def _add_account_commands(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, (words, run) in ACCOUNT_COMMANDS.items():
        command = actions.add_parser(name, help=words)
        command.add_argument("email", metavar="EMAIL")
        command.set_defaults(run=run)


def _serve(options: argparse.Namespace) -> int:
    for name in ("host", "port", "workers", "tls_cert", "tls_key"):
        if getattr(options, name):
            os.environ[f"TMR_{name.upper()}"] = getattr(options, name)
    from tmr.wiring import serve

    return serve(load_settings())


def _demo(options: argparse.Namespace) -> int:
    if not 1 <= options.records <= 10_000:
        raise SettingsError("--records must be a whole number up to 10000.")
    if options.port:
        os.environ["TMR_PORT"] = options.port
    os.environ["TMR_DATA_DIR"] = os.environ.get("TMR_DEMO_DIR") or "./var-demo"
    for name in ("TMR_DATABASE_URL", "TMR_MIGRATION_URL", "TMR_KEYRING", "TMR_KEYRING_FILE", "TMR_MAIL_URL"):
        os.environ.pop(name, None)  # a demo touches nothing of a real installation
    from tmr.wiring import serve_demo

    return serve_demo(load_settings(), options.records)


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


def _account_create(options: argparse.Namespace) -> int:
    from tmr.wiring import operating

    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    with operating(load_settings()) as (operator, own):
        operator.create(options.email, password, own.hash_password)
    print("The account is made.")
    return 0


def _account_invite(options: argparse.Namespace) -> int:
    from tmr.wiring import operating

    settings = load_settings()
    with operating(settings) as (operator, _):
        path = operator.invite(options.email)
    print("Hand this link over; it lets this address sign up, for seven days:")
    print(settings.base_url + path)
    return 0


def _account_command(method: str, done: str) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        from tmr.wiring import operating

        with operating(load_settings()) as (operator, _):
            getattr(operator, method)(options.email)
        print(done)
        return 0

    return run


ACCOUNT_COMMANDS = {
    "create": ("make an account; the password is asked for, or read from standard input", _account_create),
    "invite": ("let an address sign up where TMR_REGISTRATION is invite", _account_invite),
    "sign-out": ("end every session", _account_command("sign_out", "Every device of this account is signed out.")),
    "disable": ("shut an account", _account_command("disable", "Nobody can sign in to this account any more.")),
    "enable": ("open an account that was shut", _account_command("enable", "The account is open again.")),
    "appoint": (
        "let an account serve support, under the grants of those who ask for help",
        _account_command("appoint", "This account may enter codes at /support, once it has a second factor."),
    ),
    "dismiss": ("end an account's service for support", _account_command("dismiss", "This account sees nobody's.")),
    "reset-factor": (
        "remove the second factors of somebody who lost them",
        _account_command("reset_factor", "The second factors are removed; make sure that it was its owner who asked."),
    ),
}


def _no_core_dumps() -> None:
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
