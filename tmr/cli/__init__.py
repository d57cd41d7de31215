"""The command line: ``tmr serve``, ``account``, ``doctor`` and the rest. None of them prints content."""

import argparse
import contextlib
import sys
from collections.abc import Sequence

from tmr.cli import accounts, backups, keys, oversight, serving


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status, 2 for a wrong setting."""
    options = _parser().parse_args(arguments)
    _no_core_dumps()
    try:
        return int(options.run(options) or 0)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if type(error).__name__ not in KNOWN_ERRORS and not isinstance(error, OSError):
            raise
        what = "the database cannot be reached: " if type(error).__name__ == "OperationalError" else ""
        print(f"tmr: {what}{getattr(error, 'orig', None) or error}", file=sys.stderr)
        return 2


KNOWN_ERRORS = {
    "AccountRefusedError",
    "ClientError",
    "ConnectTimeoutError",
    "EmailTakenError",
    "EmbeddedError",
    "EndpointConnectionError",
    "KeyInUseError",
    "KeyringError",
    "LedgerError",
    "LegalOrderError",
    "NoCredentialsError",
    "OperationalError",
    "RecoveryError",
    "RestoreError",
    "ServiceUserError",
    "SettingsError",
    "ParamValidationError",
    "ReadTimeoutError",
    "S3UploadFailedError",
    "UnknownAccountError",
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tmr", description="TrackMyRoles keeps a job search, sealed.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serving.add_serving(commands)
    keys.add_key_commands(commands.add_parser("keys", help="the keyring, and the rotation of its keys"))
    accounts.add_account_commands(commands.add_parser("account", help="accounts"))
    backups.add_backup_commands(commands.add_parser("backup", help="backups that forget what was erased"))
    keys.add_recovery_commands(commands)
    oversight.add_oversight(commands)
    return parser


def _no_core_dumps() -> None:
    with contextlib.suppress(ImportError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
