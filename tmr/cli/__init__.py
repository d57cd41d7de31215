"""The command line: ``tmr serve``, ``account``, ``doctor`` and the rest. No command prints what people wrote."""

import argparse
import contextlib
import sys
from collections.abc import Sequence

from tmr.cli import accounts, backups, keys, oversight, serving
from tmr.errors import OperatorError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status, 2 for a wrong setting."""
    options = _parser().parse_args(arguments)
    _no_core_dumps()
    # Imported here so that `tmr --help` and a mistyped command answer without loading the database's driver.
    from tmr.repository.errors import outages_told

    try:
        with outages_told():
            return int(options.run(options) or 0)
    except KeyboardInterrupt:
        return 130
    except (OperatorError, OSError) as error:  # the system's own errors name the file, the disk or the port
        print(f"tmr: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tmr", description="TrackMyRoles keeps a private job search.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serving.add_serving(commands)
    keys.add_key_commands(commands.add_parser("keys", help="the keyring and its rotation"))
    accounts.add_account_commands(commands.add_parser("account", help="accounts"))
    backups.add_backup_commands(commands.add_parser("backup", help="backups that forget what was erased"))
    keys.add_recovery_commands(commands)
    oversight.add_oversight(commands)
    return parser


def _no_core_dumps() -> None:
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
