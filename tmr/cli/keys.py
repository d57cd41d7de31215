"""``tmr keys``: the keyring, and the rotation of its keys."""

import argparse
from pathlib import Path
from typing import Any

from tmr.cli.backups import say
from tmr.cli.files import refuse_existing, write_new
from tmr.config import SettingsError, load_settings

PURPOSES = ("index", "pepper", "cookie", "audit", "ledger")


def add_key_commands(parser: argparse.ArgumentParser) -> None:
    """Add the commands on keys."""
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    actions.add_parser("init", help="make a keyring where there is none").set_defaults(run=_init)
    actions.add_parser("list", help="name the wrapping keys and how much each wraps").set_defaults(run=_list)
    add = _add_adding(actions)
    promote = actions.add_parser("promote", help="wrap all under this key from now on")
    rewrap = actions.add_parser("rewrap", help="wrap under the primary key what is under another, while people work")
    rewrap.set_defaults(run=_rewrap)
    retire = actions.add_parser("retire", help="remove a wrapping key that nothing needs any more")
    for action, run in ((promote, _promote), (retire, _retire)):
        action.add_argument("id", metavar="ID")
        action.set_defaults(run=run)
    for action in (add, promote, retire):
        action.add_argument("--to", metavar="FILE", type=Path, help="where the new keyring goes instead of its file")
    _add_copies_and_renewal(actions)


def add_recovery_commands(commands: Any) -> None:
    """Add the commands on what brings an installation back."""
    keygen = commands.add_parser("keygen", help="make a pair of age keys for backups")
    keygen.add_argument("--to", metavar="FILE", type=Path, help="where the private key goes, instead of being printed")
    keygen.set_defaults(run=_keygen)
    kit = commands.add_parser("recovery-kit", help="what brings this installation back from its backups")
    action = kit.add_mutually_exclusive_group(required=True)
    action.add_argument("--to", metavar="FILE", type=Path, help="where the kit goes; - prints it")
    action.add_argument(
        "--moved", metavar="CODE", help="confirm that the kit is elsewhere; its private key is deleted here"
    )
    action.add_argument(
        "--renew", metavar="FILE", type=Path, help="make another private key, with its kit and a backup"
    )
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
        renew_identity(settings)
        with backing_up(settings, None, tells_erasures=True) as backups:
            backups.create(recipient_of(settings) or "", utc_now, say)
        print("There is a new private key, and a backup for it. Keep the kit from before for 30 days: to restore a")
        print("backup from before now, give both kits.")
    with recovering(settings) as (store, _):
        kit = make_kit(settings, store, utc_now())
    if str(path) == "-":
        print(kit, end="")
        return 0
    write_new(path, kit)
    print(f"The kit is in {path}. Move it away from this machine, then confirm it as its text says.")
    return 0


def _add_adding(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    add = actions.add_parser("add", help="add a wrapping key, under which all is wrapped from now on")
    add.add_argument("--standby", action="store_true", help="let it open only, until `promote`: for many machines")
    add.add_argument("--for", dest="purpose", choices=PURPOSES, help="add a key for hashing or signing instead")
    add.set_defaults(run=_add)
    return add


def _add_copies_and_renewal(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    backup = actions.add_parser("backup", help="write the keyring, sealed for an age public key")
    backup.add_argument("--recipient", required=True, metavar="AGE1…", help="the age public key it is sealed for")
    backup.add_argument("--to", required=True, metavar="FILE", type=Path, help="where the sealed file goes")
    backup.set_defaults(run=_backup)
    renew = actions.add_parser("renew", help="make new data keys for records, and seal these anew in the background")
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
    for one in rows:
        copy = f"copied {one.backed_up_at:%Y-%m-%d}" if one.backed_up_at else "no copy known"
        print(f"{one.kek_id}  {one.state}, wraps {one.wraps:,}, {copy}")
    print(f"Rotation after erasures: {rotation_in_words(rotation_of(settings))}.")
    return 0


def _add(options: argparse.Namespace) -> int:
    from tmr.operations.backups.recovery_kit import is_kit_here, recipient_of
    from tmr.wiring.commands import rotating
    from tmr.wiring.services import utc_now

    if options.purpose:
        settings = load_settings()
        if settings.has_own_backups and recipient_of(settings) and not is_kit_here(settings):
            raise SettingsError(
                "The recovery kit was moved away, and would not know the new key. Run `tmr recovery-kit --renew FILE` "
                "first, add the key, and make the kit after that by --to."
            )
        with rotating(load_settings()) as keys:
            print(f"Added {keys.add_hashing(options.purpose, options.to)}. Start the app again to use it.")
        if is_kit_here(settings):
            print("A recovery kit that was made before does not know it: make another one.")
        return 0
    with rotating(load_settings()) as keys:
        kek_id = keys.add(utc_now(), is_primary=not options.standby, to=options.to)
    if options.standby:
        print(f"Added {kek_id}, which opens only. Bring the keyring to every machine, then run `tmr keys promote`.")
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
        f"{left} left, in use just now or damaged (the log says): run it again."
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
    print(f"{options.id} is gone from the keyring. Destroy its copies once the new keyring is where it is needed.")
    return 0


def _backup(options: argparse.Namespace) -> int:
    from tmr.wiring.commands import rotating
    from tmr.wiring.services import utc_now

    with rotating(load_settings()) as keys:
        keys.back_up(options.recipient, options.to.absolute(), utc_now())
    print(f"Sealed to {options.to}. Keep it apart from the backups of the data.")
    return 0


def _renew(options: argparse.Namespace) -> int:
    from tmr.wiring.commands import operating, rotating
    from tmr.wiring.services import utc_now

    settings, owner = load_settings(), None
    if options.account:
        with operating(settings) as (operator, _):
            owner = operator.owner_of(options.account)
    with rotating(settings) as keys:
        done = keys.renew(owner, utc_now(), say)
    print(f"{done:,} accounts have a new data key. The worker seals their records anew; old keys go in 30 days.")
    return 0
