"""``tmr account``: what an operator can do to an account. None of it shows content."""

import argparse
import getpass
import sys
from collections.abc import Callable

from tmr.config import load_settings


def add_account_commands(parser: argparse.ArgumentParser) -> None:
    """Add the commands on accounts."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    for name, (words, run) in ACCOUNT_COMMANDS.items():
        command = actions.add_parser(name, help=words)
        command.add_argument("email", metavar="EMAIL")
        command.set_defaults(run=run)


def _account_create(options: argparse.Namespace) -> int:
    from tmr.wiring.commands import operating

    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    with operating(load_settings()) as (operator, own):
        operator.create(options.email, password, own.hash_password)
    print("The account is made.")
    return 0


def _account_invite(options: argparse.Namespace) -> int:
    from tmr.wiring.commands import operating

    settings = load_settings()
    with operating(settings) as (operator, _):
        path = operator.invite(options.email)
    print("Hand this link over; it lets this address sign up, for seven days:")
    print(settings.base_url + path)
    return 0


def _account_command(method: str, done: str) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        from tmr.wiring.commands import operating

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
