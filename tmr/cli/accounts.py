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
    with operating(load_settings()) as (operator, services):
        operator.create(options.email, password, services.hash_password)
    print("Created the account.")
    return 0


def _account_invite(options: argparse.Namespace) -> int:
    from tmr.wiring.commands import operating

    settings = load_settings()
    with operating(settings) as (operator, _):
        path = operator.invite(options.email)
    print("Pass on this link. It lets this address sign up for seven days:")
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
    "create": ("create an account; asks for the password, or reads it from standard input", _account_create),
    "invite": ("let an address sign up when TMR_REGISTRATION is invite", _account_invite),
    "sign-out": ("end every session", _account_command("sign_out", "Signed out every device of this account.")),
    "disable": ("disable an account", _account_command("disable", "Nobody can sign in to this account now.")),
    "enable": ("enable a disabled account", _account_command("enable", "People can sign in to this account again.")),
    "appoint": (
        "make an account a support account, for people who grant it access",
        _account_command("appoint", "This account may enter codes at /support, once it has a second factor."),
    ),
    "dismiss": ("end an account's support role", _account_command("dismiss", "This account no longer sees any other.")),
    "reset-factor": (
        "remove the second factors of a person who lost them",
        _account_command("reset_factor", "Removed the second factors. Make sure that it was the owner who asked."),
    ),
}
