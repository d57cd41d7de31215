"""``tmr keys``: the keyring and its rotation; ``tmr keygen`` and ``tmr recovery-kit``."""

import argparse
import datetime as dt
from pathlib import Path
from typing import Any

from tmr.cli.files import refuse_existing, write_new
from tmr.cli.printing import print_list, say
from tmr.config import SettingsError, load_settings

PURPOSES = ("index", "pepper", "cookie", "audit", "ledger")


def add_key_commands(parser: argparse.ArgumentParser) -> None:
    """Add the commands on keys."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    actions.add_parser("init", help="make a keyring if there is none").set_defaults(run=_init)
    actions.add_parser("list", help="list the wrapping keys and how much each wraps").set_defaults(run=_list)
    add = _add_adding(actions)
    promote = actions.add_parser("promote", help="make this the key that wraps from now on")
    rewrap = actions.add_parser("rewrap", help="wrap everything under the primary key, while people keep working")
    rewrap.set_defaults(run=_rewrap)
    retire = actions.add_parser("retire", help="remove a wrapping key that nothing needs any longer")
    for action, run in ((promote, _promote), (retire, _retire)):
        action.add_argument("id", metavar="ID")
        action.set_defaults(run=run)
    for action in (add, promote, retire):
        action.add_argument(
            "--to", metavar="FILE", type=Path, help="write the new keyring here instead of changing its file"
        )
    _add_copies_and_renewal(actions)


def add_recovery_commands(commands: Any) -> None:
    """Add the commands on what restores a lost installation."""
    keygen = commands.add_parser("keygen", help="make an age key pair for backups")
    keygen.add_argument("--to", metavar="FILE", type=Path, help="write the private key here instead of printing it")
    keygen.set_defaults(run=_keygen)
    kit = commands.add_parser("recovery-kit", help="make the file that restores this installation from its backups")
    action = kit.add_mutually_exclusive_group(required=True)
    action.add_argument("--to", metavar="FILE", type=Path, help="write the kit here; - prints it")
    action.add_argument(
        "--moved", metavar="CODE", help="confirm that you moved the kit away; the private key is then deleted here"
    )
    action.add_argument("--renew", metavar="FILE", type=Path, help="make a new private key, with its kit and a backup")
    kit.set_defaults(run=_recovery_kit)


def _keygen(options: argparse.Namespace) -> int:
    from tmr.operations.backups.recovery_kit import new_identity

    identity, recipient = new_identity()
    if options.to:
        write_new(options.to, f"# public key: {recipient}\n{identity}\n")
        print(f"The private key is in {options.to}: move it away from this machine.")
        print(f"TMR_BACKUP_RECIPIENT={recipient}")
    else:
        print(f"# public key: {recipient}\n{identity}")
    return 0


def _recovery_kit(options: argparse.Namespace) -> int:
    from tmr.operations.backups.recovery_kit import confirm_moved, make_kit, recipient_of, renew_identity
    from tmr.wiring.commands import backing_up, recovering
    from tmr.wiring.services import utc_now

    settings = load_settings()
    if options.moved:
        with recovering(settings) as (store, facts):
            confirm_moved(settings, store, facts, options.moved, utc_now())
        print("The private key is deleted here. From now on only the kit opens the backups.")
        return 0
    path: Path = options.renew or options.to
    if options.renew:
        refuse_existing(path)
        with backing_up(settings, None, tells_erasures=True) as backups:
            backups.refuse_others()  # before there is another private key
            renew_identity(settings)
            backups.create(recipient_of(settings) or "", utc_now, say)
        print("There is a new private key, and a backup sealed for it. Keep the old kit for 30 days: to restore an")
        print("older backup, give both kits.")
    with recovering(settings) as (store, _):
        kit = make_kit(settings, store, utc_now())
    if str(path) == "-":
        print(kit, end="")
        return 0
    write_new(path, kit)
    print(f"The kit is in {path}. Move it away from this machine, then confirm it as its text says.")
    return 0


def _add_adding(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    add = actions.add_parser("add", help="add a wrapping key, which wraps from now on")
    add.add_argument("--standby", action="store_true", help="with several machines: let it only open, until `promote`")
    add.add_argument("--for", dest="purpose", choices=PURPOSES, help="add a key for hashing or signing instead")
    add.set_defaults(run=_add)
    return add


def _add_copies_and_renewal(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    backup = actions.add_parser("backup", help="write a copy of the keyring, sealed for an age public key")
    backup.add_argument("--recipient", required=True, metavar="AGE1…", help="the age public key to seal it for")
    backup.add_argument("--to", required=True, metavar="FILE", type=Path, help="write the sealed file here")
    backup.set_defaults(run=_backup)
    renew = actions.add_parser("renew", help="make new data keys for records, and reseal these in the background")
    whose = renew.add_mutually_exclusive_group(required=True)
    whose.add_argument("--account", metavar="EMAIL", help="of one account")
    whose.add_argument("--all", action="store_true", help="of every account")
    renew.set_defaults(run=_renew)


def _init(_options: argparse.Namespace) -> int:
    from tmr.wiring.keyring import make_keyring

    settings = load_settings()
    if settings.keyring_file.exists():
        raise SettingsError(f"There is a keyring at {settings.keyring_file} already.")
    make_keyring(settings)
    print(f"Made {settings.keyring_file}. Keep a copy of it elsewhere: without it nothing can be read.")
    return 0


def _list(_options: argparse.Namespace) -> int:
    from tmr.operations.key_rotation import rotation_in_words
    from tmr.wiring.commands import rotating, rotation_of

    settings = load_settings()
    with rotating(settings) as keys:
        rows = keys.list()
    lines = (f"{row.kek_id}  {row.state}, wraps {row.wraps:,}, {_copy_in_words(row.backed_up_at)}" for row in rows)
    print_list(lines, "There are no wrapping keys.")
    print(f"Rotation after erasures: {rotation_in_words(rotation_of(settings))}.")
    return 0


def _copy_in_words(backed_up_at: dt.datetime | None) -> str:
    return f"copied {backed_up_at:%Y-%m-%d}" if backed_up_at else "no copy known"


def _add(options: argparse.Namespace) -> int:
    from tmr.operations.backups.recovery_kit import is_kit_here, recipient_of
    from tmr.wiring.commands import rotating
    from tmr.wiring.services import utc_now

    if options.purpose:
        settings = load_settings()
        if settings.has_own_backups and recipient_of(settings) and not is_kit_here(settings):
            raise SettingsError(
                "The recovery kit was moved away, and would lack the new key. Run `tmr recovery-kit --renew FILE` "
                "first, add the key, and then make the kit again with --to."
            )
        with rotating(load_settings()) as keys:
            print(f"Added {keys.add_hashing(options.purpose, options.to)}. Start the app again to use it.")
        if is_kit_here(settings):
            print("A recovery kit that you made before lacks this key: make another one.")
        return 0
    with rotating(load_settings()) as keys:
        kek_id = keys.add(utc_now(), is_primary=not options.standby, to=options.to)
    if options.standby:
        print(
            f"Added {kek_id}, which only opens for now. Copy the keyring to every machine, then run `tmr keys promote`."
        )
    else:
        print(f"Added {kek_id}, the primary key now. Run `tmr keys rewrap` next, and keep a copy: `tmr keys backup`.")
    return 0


def _promote(options: argparse.Namespace) -> int:
    from tmr.wiring.commands import rotating
    from tmr.wiring.services import utc_now

    with rotating(load_settings()) as keys:
        keys.promote(options.id, utc_now(), options.to)
    print(f"{options.id} is the primary key now. Run `tmr keys rewrap` next.")
    return 0


def _rewrap(_options: argparse.Namespace) -> int:
    from tmr.wiring.commands import publish_keys_file, rotating

    settings = load_settings()
    with rotating(settings) as keys:
        left = keys.rewrap(say)
    publish_keys_file(settings, say)
    print(
        f"{left} left, in use right now or damaged (see the log): run it again."
        if left
        else "Everything is wrapped under the primary key."
    )
    return int(bool(left))


def _retire(options: argparse.Namespace) -> int:
    from tmr.wiring.commands import publish_keys_file, rotating

    settings = load_settings()
    with rotating(settings) as keys:
        if "-" in options.id:
            keys.retire_hashing(options.id, options.to)
        else:
            keys.retire(options.id, options.to)
    if "-" not in options.id and not options.to:
        publish_keys_file(settings, say)
    print(f"Removed {options.id} from the keyring. Destroy its copies once every machine has the new keyring.")
    return 0


def _backup(options: argparse.Namespace) -> int:
    from tmr.wiring.commands import rotating
    from tmr.wiring.services import utc_now

    with rotating(load_settings()) as keys:
        keys.back_up(options.recipient, options.to.absolute(), utc_now())
    print(f"Sealed to {options.to}. Keep it apart from the data backups.")
    return 0


def _renew(options: argparse.Namespace) -> int:
    from tmr.wiring.commands import operating, rotating
    from tmr.wiring.services import utc_now

    settings, owner = load_settings(), None
    if options.account:
        with operating(settings) as (operator, _):
            owner = operator.owner_of(options.account)
    with rotating(settings) as keys:
        done, left = keys.renew(owner, utc_now(), say)
    print(f"{done:,} accounts have a new data key. The worker reseals their records; old keys go after 30 days.")
    if left:
        print(f"{left:,} are left as they were: the log names them. Run it again with --account for each.")
    return int(bool(left))
