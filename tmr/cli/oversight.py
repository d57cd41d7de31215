"""``tmr doctor``, ``stats``, ``reports``, ``legal``."""

import argparse
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tmr.cli.files import refuse_existing
from tmr.cli.printing import print_list, utc
from tmr.config import SettingsError, load_settings

if TYPE_CHECKING:
    from tmr.repository.database.across_owners import Report


def add_oversight(commands: Any) -> None:
    """Add the commands that concern the whole installation."""
    _add_doctor(commands.add_parser("doctor", help="check every promise that can be checked, changing nothing"))
    upkeep = commands.add_parser("upkeep", help="do what is due now: removals, key rotation, backups, the doctor")
    upkeep.set_defaults(run=_upkeep)
    commands.add_parser("stats", help="print usage figures, none about fewer than ten accounts").set_defaults(
        run=_stats
    )
    reports = commands.add_parser("reports", help="security reports").add_subparsers(required=True, metavar="ACTION")
    reports.add_parser(
        "list", help="list when they came and are due; their text is only in the mail to the security contact"
    ).set_defaults(run=_reports_list)
    answer = reports.add_parser("answer", help="mark a report as answered")
    answer.add_argument("id", metavar="ID", type=UUID)
    answer.set_defaults(run=_reports_answer)
    legal = commands.add_parser("legal", help="legal orders").add_subparsers(required=True, metavar="ACTION")
    _add_legal_export(legal.add_parser("export", help="seal an account's export for the authority that asked"))
    defer = legal.add_parser("defer", help="postpone telling the owner, to 12 months after the order at most")
    defer.add_argument("account", metavar="ACCOUNT", help="the account's email address")
    defer.add_argument("--reference", required=True, help="the reference of the order")
    defer.add_argument("--until", required=True, metavar="DATE", type=dt.date.fromisoformat, help="the new date")
    defer.set_defaults(run=_legal_defer)
    support: Any = commands.add_parser("support", help="requests for support").add_subparsers(
        required=True, metavar="ACTION"
    )
    support.add_parser("list", help="list the open requests").set_defaults(run=_support_list)


def _add_doctor(doctor: argparse.ArgumentParser) -> None:
    doctor.add_argument("--url", help="also check this address from outside")
    doctor.add_argument("--json", action="store_true", help="print JSON")
    doctor.set_defaults(run=_doctor)


def _add_legal_export(export: argparse.ArgumentParser) -> None:
    export.add_argument("account", metavar="ACCOUNT", help="the account's email address")
    export.add_argument("--reference", required=True, help="the reference of the order; the owner will see it")
    export.add_argument("--recipient", required=True, metavar="AGE1…", help="the age public key of the authority")
    export.add_argument("--to", required=True, metavar="FILE", type=Path, help="where the sealed file goes")
    notice = export.add_mutually_exclusive_group(required=True)
    notice.add_argument("--notify", action="store_true", help="tell the owner now")
    notice.add_argument("--defer-until", metavar="DATE", type=dt.date.fromisoformat, help="tell the owner on that date")
    export.set_defaults(run=_legal_export)


def _doctor(options: argparse.Namespace) -> int:
    from tmr.operations.doctor.report import BROKEN, as_json, as_table
    from tmr.wiring.commands import examined
    from tmr.wiring.services import utc_now

    findings = examined(load_settings(), options.url)
    print(as_json(findings, utc_now()) if options.json else as_table(findings))
    return int(any(finding.state == BROKEN for finding in findings))


def _upkeep(_options: argparse.Namespace) -> int:
    from tmr.wiring.commands import keep_up

    return int(bool(keep_up(load_settings(), lambda words: print(words, flush=True)).broken))


def _stats(_options: argparse.Namespace) -> int:
    from tmr.wiring.commands import across_accounts

    with across_accounts(load_settings()) as across_owners:
        for count in across_owners.counts():
            figure = "fewer than ten accounts" if count.accounts is None else f"{count.accounts} accounts"
            total = "" if count.total is None else f", {count.total} in all"
            print(f"{count.what}: {figure}{total}")
    return 0


def _reports_list(_options: argparse.Namespace) -> int:
    from tmr.wiring.commands import across_accounts
    from tmr.wiring.services import utc_now

    with across_accounts(load_settings()) as across_owners:
        reports = across_owners.reports()
    now = utc_now()
    lines = (f"{report.id}  received {utc(report.received_at)}  {_report_state(report, now)}" for report in reports)
    return print_list(lines, "There are no security reports.")


def _report_state(report: "Report", now: dt.datetime) -> str:
    if report.answered_at:
        return f"answered {utc(report.answered_at)}"
    return "OVERDUE" if report.due_at < now else f"due {utc(report.due_at)}"


def _reports_answer(options: argparse.Namespace) -> int:
    from tmr.wiring.commands import across_accounts
    from tmr.wiring.services import utc_now

    with across_accounts(load_settings()) as across_owners:
        if not across_owners.answer_report(options.id, utc_now()):
            raise SettingsError("No open report has this number.")
    print("Marked as answered.")
    return 0


def _is_typed_again(account: str) -> bool:
    """Ask for the address once more: once handed over, the export of the wrong account cannot be recalled."""
    try:
        typed = input("This exports everything in one account. Type its address again: ")
    except EOFError:
        return False
    return typed.strip().casefold() == account.strip().casefold()


def _legal_defer(options: argparse.Namespace) -> int:
    from tmr.wiring.commands import defer_notice

    notify_at = dt.datetime.combine(options.until, dt.time(), dt.UTC)
    defer_notice(load_settings(), options.account, options.reference, notify_at)
    print(f"The owner will be told on {options.until}. The account's log, which they can read then, says so too.")
    return 0


def _support_list(_options: argparse.Namespace) -> int:
    from tmr.wiring.commands import across_accounts

    with across_accounts(load_settings()) as across_owners:
        requests = across_owners.support_requests()
    lines = (f"{ask.id}  asked {utc(ask.created_at)}  expires {utc(ask.expires_at)}" for ask in requests)
    return print_list(lines, "There are no open requests for support.")


def _legal_export(options: argparse.Namespace) -> int:
    from tmr.operations.backups.age import recipient_of
    from tmr.wiring.commands import meet_order, operating, refuse_own_key
    from tmr.wiring.services import utc_now

    now = utc_now()
    notify_at = now if options.notify else dt.datetime.combine(options.defer_until, dt.time(), dt.UTC)
    if notify_at < now:
        raise SettingsError("--defer-until must be a future date; to tell the owner now, use --notify.")
    refuse_existing(options.to)
    recipient_of(options.recipient)
    settings = load_settings()
    with operating(settings) as (operator, services):
        operator.owner_of(options.account)  # an unknown account is refused before anything is asked
        refuse_own_key(settings, services, options.recipient)
    if not _is_typed_again(options.account):
        raise SettingsError("That is a different address. Nothing was exported.")
    if not meet_order(settings, options, notify_at):
        print("The owner has locked the records of this account: no key here opens them, and they are in it sealed.")
    print(f"Sealed to {options.to}. The owner is told {'now' if options.notify else f'on {options.defer_until}'}.")
    return 0
