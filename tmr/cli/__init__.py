"""The command line: ``tmr serve``, ``account``, ``doctor`` and the rest. No command prints what people wrote."""

import argparse
import contextlib
import signal
import sys
from collections.abc import Iterator, Sequence
from types import FrameType

from tmr.cli import accounts, backups, keys, oversight, serving
from tmr.errors import OperatorError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status, 2 for a wrong setting."""
    options = _parser().parse_args(arguments)
    _no_core_dumps()
    # Imported here so that `tmr --help` and a mistyped command answer without loading the database's driver.
    from tmr.repository.errors import outages_told

    try:
        with _ended_in_order(), outages_told():
            return int(options.run(options) or 0)
    except KeyboardInterrupt:
        return 130
    except (OperatorError, OSError) as error:  # the system's own errors name the file, the disk or the port
        print(f"tmr: {error}", file=sys.stderr)
        return 2


@contextlib.contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let SIGTERM, and the end of the terminal, end a command as Ctrl-C does: what it started is stopped first.

    ``tmr serve`` and the worker have their own ways, once they run. A signal that the caller had ignored stays so.
    """
    before = {}
    for number in (signal.SIGTERM, signal.SIGHUP):
        with contextlib.suppress(ValueError):  # only the main thread may; elsewhere nothing is changed
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


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
