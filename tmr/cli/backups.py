"""``tmr backup``: backups that forget what was erased."""

import argparse
import datetime as dt
from pathlib import Path
from typing import Any

from tmr.cli.printing import print_list, say, utc
from tmr.config import Settings, SettingsError, load_settings


def add_backup_commands(parser: argparse.ArgumentParser) -> None:
    """Add the commands on backups."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a backup and send it to its target")
    create.add_argument("--to", metavar="TARGET", help="a directory or s3://bucket/prefix (TMR_BACKUP_TARGET)")
    create.add_argument("--recipient", metavar="AGE1…", help="the age public key to seal it for")
    create.set_defaults(run=_backup_create)
    for name, words, run in BACKUP_ACTIONS:
        action = actions.add_parser(name, help=words)
        action.add_argument("--from", dest="target", metavar="TARGET", help="where the backups are")
        action.set_defaults(run=run)
        if name in ("verify", "restore"):
            opening = action.add_mutually_exclusive_group(required=True)
            opening.add_argument("--identity", metavar="FILE", type=Path, help="the age private key")
            words = "the recovery kit; for a backup from before its renewal give both kits, old and new"
            opening.add_argument("--kit", metavar="FILE", type=Path, action="append", help=words)
        if name == "restore":
            action.add_argument("--at", metavar="TIME", type=_instant, help="restore the newest backup made by then")
            action.add_argument("--counter", metavar="N", type=int, help="the newest counter that you know of")
            action.add_argument("--yes", action="store_true", help="do not ask whether these are the newest files")


def _instant(text: str) -> dt.datetime:
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 2026-11-24T12:00") from None
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


def _backup_create(options: argparse.Namespace) -> int:
    from tmr.operations.backups.recovery_kit import recipient_of
    from tmr.wiring.commands import backing_up
    from tmr.wiring.services import utc_now

    settings = load_settings()
    recipient = options.recipient or recipient_of(settings)
    if not (options.to or settings.backup_target):
        raise SettingsError("Backups are off. Name a target by --to, or set TMR_BACKUP_TARGET.")
    if not recipient:
        raise SettingsError("Name the age public key by --recipient, or set TMR_BACKUP_RECIPIENT.")
    with backing_up(settings, options.to, tells_erasures=True) as backups:
        backups.create(recipient, utc_now, say)
        backups.prune(utc_now())
    print("Made a backup and sent it to its target.")
    return 0


def _backup_list(options: argparse.Namespace) -> int:
    from tmr.wiring.commands import backing_up

    with backing_up(load_settings(), options.target) as backups:
        files = backups.files()
    lines = (f"{file.name}  {utc(file.made_at)}  {file.size / 1e6:.1f} MB" for file in files)
    return print_list(lines, "There are no backups.")


def _backup_prune(options: argparse.Namespace) -> int:
    from tmr.wiring.commands import backing_up
    from tmr.wiring.services import utc_now

    with backing_up(load_settings(), options.target) as backups:
        removed = backups.prune(utc_now())
    print(f"Removed {len(removed)} older than 30 days.")
    return 0


def _backup_forget(options: argparse.Namespace) -> int:
    from tmr.wiring.commands import forget_target

    if not options.target:
        raise SettingsError("Name the target that is gone by --from.")
    if not forget_target(load_settings(), options.target):
        raise SettingsError(f"This installation knows of no backups at {options.target}.")
    print(f"Forgotten: {options.target}. If its files still exist somewhere, delete them there.")
    return 0


def _backup_verify(options: argparse.Namespace) -> int:
    from tmr.wiring.restoring import verify_backup

    settings = load_settings()
    opening = _opening_of(options)
    different = verify_backup(settings, _target_of(options, settings), opening, say)
    print(
        f"Different: {', '.join(different)}" if different else "The newest backup restores, and every row is as it was."
    )
    return int(bool(different))


def _backup_restore(options: argparse.Namespace) -> int:
    from tmr.wiring.restoring import Knowledge, restore_backup
    from tmr.wiring.services import utc_now

    settings, start = load_settings(), utc_now()
    opening = _opening_of(options)
    knowledge = Knowledge(options.counter, (lambda _chosen: True) if options.yes else _ask_whether_newest)
    done = restore_backup(settings, _target_of(options, settings), opening, options.at, say, knowledge)
    print(f"Restored {sum(done.rows.values()):,} rows as they were at {done.made_at:%Y-%m-%d %H:%M:%S} UTC.")
    print(f"Erased again: {done.erased_again} accounts. Left out: {done.left_out} rows whose keys are destroyed.")
    print(f"Lost (RPO): what was written in the last {_in_words(start - done.made_at)} before this restore began.")
    print(f"It took (RTO): {_in_words(utc_now() - start)}. All sessions have ended: everyone must sign in again.")
    return 0


def _ask_whether_newest(chosen: Any) -> bool:
    """Show how new the keys file and the ledger are, and ask whether they are the newest."""
    if chosen.published_at:
        print(f"The keys file was published {chosen.published_at:%Y-%m-%d %H:%M} UTC, counter {chosen.counter}.")
    else:
        print(f"{chosen.keys.name} was made by a release that did not sign backups: there is no telling who wrote it.")
    print("No newer counter is known here. If someone put these older files back, erased accounts would come back.")
    try:
        return input("Are these the newest? Type yes to go on: ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _opening_of(options: argparse.Namespace) -> Any:
    from tmr.wiring.restoring import Opening

    kit, *others = options.kit or [None]
    return Opening(options.identity, kit, others)


def _target_of(options: argparse.Namespace, settings: Settings) -> str:
    place: str | None = options.target or settings.backup_target
    if place is None:
        raise SettingsError("Backups are off. Name a target by --from, or set TMR_BACKUP_TARGET.")
    return place


def _in_words(span: dt.timedelta) -> str:
    seconds = span.total_seconds()
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min" if seconds < 7200 else f"{span}"


BACKUP_ACTIONS = (
    ("list", "list the backups", _backup_list),
    ("prune", "remove backups older than 30 days", _backup_prune),
    ("forget", "forget a former target that is gone for good, files and all", _backup_forget),
    ("verify", "restore the newest backup into a temporary database and compare", _backup_verify),
    ("restore", "fill an empty database from a backup", _backup_restore),
)
