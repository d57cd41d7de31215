"""The command line: ``tmr serve``, ``account``, ``doctor`` and the rest. None of them prints content."""

import argparse
import contextlib
import datetime as dt
import getpass
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from tmr.config import Settings, SettingsError, load_settings


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
    "LedgerError",
    "RestoreError",
    "ServiceUserError",
    "SettingsError",
    "UnknownAccountError",
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tmr", description="TrackMyRoles keeps a job search, sealed.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_serve(commands.add_parser("serve", help="serve the app, with one worker for the queue beside it"))
    _add_demo(commands.add_parser("demo", help="serve a made-up search, in a folder of its own"))
    commands.add_parser("worker", help="run jobs of the queue").set_defaults(run=_worker)
    commands.add_parser("migrate", help="bring the database's schema up to date").set_defaults(run=_migrate)
    keys = commands.add_parser("keys", help="the keyring").add_subparsers(required=True, metavar="ACTION")
    keys.add_parser("init", help="make a keyring where there is none").set_defaults(run=_keys_init)
    _add_account_commands(commands.add_parser("account", help="accounts"))
    _add_oversight(commands)
    return parser


def _add_doctor(doctor: argparse.ArgumentParser) -> None:
    doctor.add_argument("--url", help="look at this address from outside, too")
    doctor.add_argument("--json", action="store_true", help="for machines")
    doctor.set_defaults(run=_doctor)


def _add_oversight(commands: Any) -> None:
    _add_doctor(commands.add_parser("doctor", help="look at every promise that can be checked, changing nothing"))
    commands.add_parser("stats", help="figures, none about fewer than ten accounts").set_defaults(run=_stats)
    reports = commands.add_parser("reports", help="security reports").add_subparsers(required=True, metavar="ACTION")
    reports.add_parser("list", help="their times; what they say was mailed").set_defaults(run=_reports_list)
    answer = reports.add_parser("answer", help="note that a report was answered")
    answer.add_argument("id", metavar="ID", type=UUID)
    answer.set_defaults(run=_reports_answer)
    _add_backup_commands(commands.add_parser("backup", help="backups that forget what was erased"))
    legal = commands.add_parser("legal", help="legal orders").add_subparsers(required=True, metavar="ACTION")
    _add_legal_export(legal.add_parser("export", help="seal an account's export for those who asked"))


def _add_backup_commands(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a backup and publish it")
    create.add_argument("--to", metavar="TARGET", help="a directory or s3://bucket/prefix (TMR_BACKUP_TARGET)")
    create.add_argument("--recipient", metavar="AGE1…", help="the age public key it is sealed for")
    create.set_defaults(run=_backup_create)
    for name, words, run in BACKUP_ACTIONS:
        action = actions.add_parser(name, help=words)
        action.add_argument("--from", dest="target", metavar="TARGET", help="where the backups are")
        action.set_defaults(run=run)
        if name in ("verify", "restore"):
            action.add_argument("--identity", required=True, metavar="FILE", type=Path, help="the age private key")
        if name == "restore":
            action.add_argument("--at", metavar="TIME", type=_instant, help="the newest one made by then")


def _instant(text: str) -> dt.datetime:
    at = dt.datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


def _add_legal_export(export: argparse.ArgumentParser) -> None:
    export.add_argument("account", metavar="ACCOUNT", help="the account's email address")
    export.add_argument("--reference", required=True, help="the reference of the order, which the owner is told")
    export.add_argument("--recipient", required=True, metavar="AGE1…", help="the age public key of those who asked")
    export.add_argument("--to", required=True, metavar="FILE", type=Path, help="where the sealed file goes")
    notice = export.add_mutually_exclusive_group(required=True)
    notice.add_argument("--notify", action="store_true", help="tell the owner now")
    notice.add_argument("--defer-until", metavar="DATE", type=dt.date.fromisoformat, help="tell the owner on that date")
    export.set_defaults(run=_legal_export)


def _add_serve(serve: argparse.ArgumentParser) -> None:
    serve.add_argument("--host", help="address to listen on (TMR_HOST, default 127.0.0.1)")
    serve.add_argument("--port", help="port to listen on (TMR_PORT, default 8000)")
    serve.add_argument("--workers", help="number of web processes (TMR_WORKERS, default 2)")
    serve.add_argument("--tls-cert", metavar="FILE", help="serve https with this certificate (TMR_TLS_CERT)")
    serve.add_argument("--tls-key", metavar="FILE", help="the key of the certificate (TMR_TLS_KEY)")
    serve.set_defaults(run=_serve)


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


def _doctor(options: argparse.Namespace) -> int:
    from tmr.operations.doctor import BROKEN, as_json, as_table
    from tmr.wiring import examined, utc_now

    findings = examined(load_settings(), options.url)
    print(as_json(findings, utc_now()) if options.json else as_table(findings))
    return int(any(one.state == BROKEN for one in findings))


def _stats(_options: argparse.Namespace) -> int:
    from tmr.wiring import keeping

    with keeping(load_settings()) as keeper:
        for count in keeper.counts():
            figure = "fewer than ten accounts" if count.accounts is None else f"{count.accounts} accounts"
            total = "" if count.total is None else f", {count.total} in all"
            print(f"{count.what}: {figure}{total}")
    return 0


def _reports_list(_options: argparse.Namespace) -> int:
    from tmr.wiring import keeping, utc_now

    with keeping(load_settings()) as keeper:
        found = keeper.reports()
    for one in found:
        state = "OVERDUE" if one.due_at < utc_now() else f"due {one.due_at:%Y-%m-%d %H:%M} UTC"
        state = f"answered {one.answered_at:%Y-%m-%d %H:%M} UTC" if one.answered_at else state
        print(f"{one.id}  received {one.received_at:%Y-%m-%d %H:%M} UTC  {state}")
    if not found:
        print("There are no security reports.")
    return 0


def _reports_answer(options: argparse.Namespace) -> int:
    from tmr.wiring import keeping, utc_now

    with keeping(load_settings()) as keeper:
        if not keeper.answer_report(options.id, utc_now()):
            raise SettingsError("No report with this number waits for an answer.")
    print("Noted as answered.")
    return 0


def _legal_export(options: argparse.Namespace) -> int:
    from tmr.wiring import meet_order, utc_now

    now = utc_now()
    notify_at = now if options.notify else dt.datetime.combine(options.defer_until, dt.time(), dt.UTC)
    if notify_at < now:
        raise SettingsError("--defer-until must be a day to come; to tell the owner now, use --notify.")
    meet_order(load_settings(), options, notify_at)
    print(f"Sealed to {options.to}. The owner is told {'now' if options.notify else f'on {options.defer_until}'}.")
    return 0


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _backup_create(options: argparse.Namespace) -> int:
    from tmr.wiring import backing_up, utc_now

    settings = load_settings()
    recipient = options.recipient or settings.backup_recipient
    if not recipient:
        raise SettingsError("Name the age public key by --recipient, or set TMR_BACKUP_RECIPIENT.")
    with backing_up(settings, options.to) as backups:
        backups.create(recipient, utc_now(), _say)
        backups.prune(utc_now())
    print("The backup is made and published.")
    return 0


def _backup_list(options: argparse.Namespace) -> int:
    from tmr.wiring import backing_up

    with backing_up(load_settings(), options.target) as backups:
        found = backups.files()
    for one in found:
        print(f"{one.name}  {one.made_at:%Y-%m-%d %H:%M} UTC  {one.size / 1e6:.1f} MB")
    if not found:
        print("There are no backups.")
    return 0


def _backup_prune(options: argparse.Namespace) -> int:
    from tmr.wiring import backing_up, utc_now

    with backing_up(load_settings(), options.target) as backups:
        gone = backups.prune(utc_now())
    print(f"Removed {len(gone)} older than 30 days.")
    return 0


def _backup_verify(options: argparse.Namespace) -> int:
    from tmr.wiring import verify_backup

    settings = load_settings()
    different = verify_backup(settings, _place(options, settings), options.identity, _say)
    print(
        f"Different: {', '.join(different)}" if different else "The newest backup restores, and every row is as it was."
    )
    return int(bool(different))


def _backup_restore(options: argparse.Namespace) -> int:
    from tmr.wiring import restore_backup, utc_now

    settings, start = load_settings(), utc_now()
    done = restore_backup(settings, _place(options, settings), options.identity, options.at, _say)
    print(f"Restored {sum(done.rows.values()):,} rows as they were at {done.made_at:%Y-%m-%d %H:%M:%S} UTC.")
    print(f"Erased again: {done.erased_again} accounts; {done.left_out} rows left out, their keys are destroyed.")
    print(f"Lost (RPO): what was written in the last {_span(start - done.made_at)} before this restore began.")
    print(f"It took (RTO): {_span(utc_now() - start)}. All sessions are over; everybody signs in again.")
    return 0


def _place(options: argparse.Namespace, settings: Settings) -> str:
    place: str | None = options.target or settings.backup_target
    if place is None:
        raise SettingsError("Name the target by --from, or set TMR_BACKUP_TARGET.")
    return place


def _span(span: dt.timedelta) -> str:
    seconds = span.total_seconds()
    return f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.0f} min" if seconds < 7200 else f"{span}"


BACKUP_ACTIONS = (
    ("list", "name the backups that are there", _backup_list),
    ("prune", "remove those older than 30 days", _backup_prune),
    ("verify", "restore the newest into a scratch database and compare", _backup_verify),
    ("restore", "fill an empty database from a backup", _backup_restore),
)


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
