"""What the doctor checks on the machine itself: settings, keys, the database, the ledger, backups."""

import datetime as dt
import os
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec

from tmr.config import Settings, host_of
from tmr.database_address import asked_sslmode, hosts_elsewhere
from tmr.disk_space import room_at
from tmr.operations.backups.names import KEPT_FOR, LATE_AFTER, BackupFile, of_now
from tmr.operations.backups.other_targets import unreached_in_words
from tmr.operations.backups.publisher import TargetTakenError, place_in_words
from tmr.operations.doctor.report import Check, Finding, absent, finding, unknown
from tmr.operations.key_rotation import LATEST, rotation_in_words
from tmr.privacy.erasure.ledger import LedgerError, read_ledger
from tmr.privacy.promises.inventory import inventory
from tmr.privacy.promises.processors import is_local
from tmr.repository.database.inspection import ACCESS, Inspection
from tmr.repository.database.installation_facts import KIT_IS_HERE, LOCKED_ACCOUNTS, BackupsState, Rotation

ROOM = "room on the disk of"
SWAPS = Path("/proc/swaps")  # of Linux
ROTATED_WITHIN = LATEST + dt.timedelta(hours=2)


class CheckContext(msgspec.Struct):
    """What the checks read."""

    settings: Settings
    inspection: Inspection
    rows_without_owner: Callable[[], int]
    backups: Callable[[], list[BackupFile]]
    kek_ids: frozenset[str]
    app_role: str
    now: dt.datetime
    rotation: Callable[[], Rotation] = Rotation
    is_kit_here: bool = False
    refuse_others: Callable[[], None] = lambda: None  # raises TargetTakenError
    backups_state: Callable[[], BackupsState] = BackupsState


def stored_columns(context: CheckContext) -> Iterator[Finding]:
    """Compare the live schema with the inventory."""
    live, known = context.inspection.columns(), {(entry.table, entry.name) for entry in inventory()}
    extra, missing = _join_names(live - known), _join_names(known - live)
    seen = f"{len(live)} columns, all in the inventory" if not extra and not missing else ""
    seen += f"not in the inventory: {extra} " if extra else ""
    seen += f"missing from the database: {missing}" if missing else ""
    yield finding("P02", "stored columns are those of the inventory", seen.strip(), is_kept=live == known)


def links(context: CheckContext) -> Iterator[Finding]:
    """Check that links to other machines are encrypted and verified."""
    yield _database_link("database", context.settings.database_url)
    yield _database_link("migrations", context.settings.migration_url)
    mail, settings = context.settings.mail_url, context.settings
    if mail is None or is_local(host_of(mail)):
        yield absent("P05", "link to the mail server", "on this machine")
    else:
        yield finding("P05", "link to the mail server", f"{host_of(mail)}, TLS with its name verified", is_kept=True)
    if settings.is_secure:
        yield finding("P05", "address", settings.base_url, is_kept=True)
    elif settings.is_open_to_others:
        seen = f"{settings.base_url}, plain http, and other machines can reach it: at {settings.host}, or by a proxy"
        yield finding("P05", "address", seen, is_kept=False)
    else:
        yield absent("P05", "address", f"{settings.base_url}, for this machine only")


def sealed_values(context: CheckContext) -> Iterator[Finding]:
    """Check the form of a sample of every sealed column."""
    looked, bad = context.inspection.unsealed()
    seen = f"not sealed: {', '.join(bad)}" if bad else f"{looked} values looked at, each of them sealed"
    yield finding("P06", "sealed columns hold sealed values", seen, is_kept=not bad)


def keyring(context: CheckContext) -> Iterator[Finding]:
    """Check who can read the keyring, and whether it holds the keys that the data needs."""
    path = context.settings.keyring_file
    if context.settings.keyring:
        yield finding("P06", "keyring", "from the environment", is_kept=True)
    else:
        mode = stat.S_IMODE(path.stat().st_mode)
        is_private = os.name != "posix" or not mode & 0o077
        yield finding("P06", "keyring is private", f"{path.name}, mode {mode:04o}", is_kept=is_private)
    missing = context.inspection.kek_ids() - context.kek_ids
    seen = f"missing: {', '.join(sorted(missing))}" if missing else f"holds {', '.join(sorted(context.kek_ids))}"
    yield finding("P06", "keyring opens every key of the data", seen, is_kept=not missing)
    uncopied = context.inspection.uncopied_keys()
    if context.settings.has_own_backups and not context.is_kit_here:
        yield finding("P14", "copy of the keyring", "in the recovery kit and in each backup", is_kept=True)
    elif uncopied:
        yield absent("P14", "copy of the keyring", f"none known for {', '.join(uncopied)}: see `tmr keys backup`")
    else:
        yield finding("P14", "copy of the keyring", "made, for every key", is_kept=True)


def rotation(context: CheckContext) -> Iterator[Finding]:
    """Check whether an erasure waits for the wrapping key to rotate."""
    rotation, what = context.rotation(), "rotation of the wrapping key after erasures"
    words = rotation_in_words(rotation)
    if rotation.due_since and rotation.reason:
        yield unknown("P24", what, words)  # a copy of the disk may still open what was erased
    else:
        is_late = rotation.due_since is not None and context.now - rotation.due_since > ROTATED_WITHIN
        yield finding("P24", what, words, is_kept=not is_late)


def outbox(context: CheckContext) -> Iterator[Finding]:
    """Look for mails that are kept here unsealed because no mail server is configured."""
    folder = context.settings.data_dir / "outbox"
    count = len(list(folder.glob("*.eml"))) if folder.is_dir() else 0
    if context.settings.mail_url is None and count:
        yield absent("P06", "mail", f"no mail server: {count} messages are in {folder}, not sealed, for a week")


def recovery_kit(context: CheckContext) -> Iterator[Finding]:
    """Check whether the private key of the backups was moved away."""
    settings = context.settings
    if not settings.has_own_backups and not context.is_kit_here:
        return
    where = "still on this machine: see `tmr recovery-kit`" if context.is_kit_here else "not on this machine"
    promise, _, what = KIT_IS_HERE.partition(" ")
    yield finding(promise, what, where, is_kept=not context.is_kit_here)


def backups(context: CheckContext) -> Iterator[Finding]:
    """Check how old the newest and the oldest backup are."""
    if not context.settings.backup_target:
        yield absent("P07", "backups", "off: nothing is kept elsewhere if this machine is lost")
        yield from recovery_kit(context)
        return
    yield from recovery_kit(context)
    yield _publisher(context)
    place = place_in_words(context.settings.backup_target)
    files = [file for file in context.backups() if file.half == "data"]
    recent = of_now(files, context.now)
    if ahead := [file.name for file in files if file not in recent]:
        yield finding("P14", "times of backups", f"{', '.join(ahead)}: dated in the future, and ignored", is_kept=False)
    if not recent:
        yield finding("P14", "newest backup", f"there is none at {place}", is_kept=False)
        return
    newest, oldest = context.now - recent[-1].made_at, context.now - recent[0].made_at
    seen = f"{recent[-1].name}, {_age(newest)} old, at {place}"
    yield finding("P14", "newest backup", seen, is_kept=newest <= LATE_AFTER)
    yield finding("P26", "oldest backup", f"{recent[0].name}, {_age(oldest)} old", is_kept=oldest <= KEPT_FOR)


def _publisher(context: CheckContext) -> Finding:
    what = "target of the backups is this installation's"
    try:
        context.refuse_others()
    except TargetTakenError as error:
        return finding("P07", what, str(error), is_kept=False)
    return finding("P07", what, "no other installation publishes there", is_kept=True)


def other_targets(context: CheckContext) -> Iterator[Finding]:
    """Say which earlier targets of backups could not be told of erasures."""
    for words in unreached_in_words(context.backups_state()):
        yield unknown("P26", "backups at an earlier target", words)


def disk_space(settings: Settings) -> Iterator[Finding]:
    """Check that there is room on the disks of the embedded database and of the backups, where those are here."""
    folders = [] if settings.database_url else [settings.data_dir]
    folders += [Path(settings.backup_target)] if settings.backup_target else []
    for folder in folders:
        if folder.is_dir():  # not a bucket, and not a folder that is still to be made
            room = room_at(folder)
            yield finding("P14", f"{ROOM} {folder}", str(room), is_kept=not room.is_nearly_full)


def password_hashes(context: CheckContext) -> Iterator[Finding]:
    """Check the form of every stored password hash."""
    count, weak = context.inspection.weak_password_hashes()
    seen = f"{count} stored, {weak} of them not bcrypt at cost 12" if weak else f"{count} stored, all bcrypt at cost 12"
    yield finding("P08", "passwords are bcrypt hashes", seen, is_kept=not weak)


def row_level_security(context: CheckContext) -> Iterator[Finding]:
    """Check the policies, and ask for rows without naming an owner."""
    unguarded = context.inspection.unguarded_tables()
    seen = f"without it: {', '.join(unguarded)}" if unguarded else "on and forced for every table with an owner"
    yield finding("P16", "row-level security", seen, is_kept=not unguarded)
    live, known = context.inspection.access(), set(ACCESS.read_text(encoding="utf-8").splitlines())
    odd = [f"more: {line}" for line in sorted(live - known)] + [f"less: {line}" for line in sorted(known - live)]
    seen = "; ".join(odd[:4]) if odd else f"{len(live)} rights and policies, all as they were made"
    yield finding("P16", "rights and policies", seen, is_kept=not odd)
    inherited = context.inspection.inherited_by_owner()
    seen = f"what {', '.join(inherited)} see; it must be NOINHERIT and NOSUPERUSER" if inherited else "none"
    yield finding("P16", "rows that the owner of the tables sees", seen, is_kept=not inherited)
    rows = context.rows_without_owner()
    yield finding("P16", "rows that the app sees without an owner", str(rows), is_kept=rows == 0)


def app_role(context: CheckContext) -> Iterator[Finding]:
    """Check what the role that serves requests may do."""
    role = context.inspection.app_role(context.app_role)
    is_plain = not role.is_strong and not role.owns and not role.member_of
    seen = f"{context.app_role}: an ordinary role that owns nothing"
    if not is_plain:
        seen = f"{context.app_role}: strong {role.is_strong}, owns {role.owns}, member of {role.member_of}"
    yield finding("P17", "role of the app", seen, is_kept=is_plain)


def logs(context: CheckContext) -> Iterator[Finding]:
    """Verify the chain of every account's log."""
    count, broken = context.inspection.broken_logs()
    seen = f"broken: {', '.join(map(str, broken))}" if broken else f"{count} logs, every chain whole"
    yield finding("P18", "chain of each account's log", seen, is_kept=not broken)


def legal_orders(context: CheckContext) -> Iterator[Finding]:
    """Look for notices that are overdue."""
    overdue = context.inspection.overdue_notices(context.now)
    yield finding("P19", "notices of legal orders overdue", str(overdue), is_kept=not overdue)


def stats_role(context: CheckContext) -> Iterator[Finding]:
    """Check what the role for counting can read."""
    tables = context.inspection.readable_by_stats()
    seen = f"can touch {', '.join(tables)}" if tables else "tmr_stats can touch no table"
    yield finding("P20", "role for counting", seen, is_kept=not tables)


def removal(context: CheckContext) -> Iterator[Finding]:
    """Look for what should have been removed by now."""
    late = {name: count for name, count in context.inspection.late(context.now).items() if count}
    seen = ", ".join(f"{count} {name}" for name, count in late.items()) or "nothing stays longer than it should"
    yield finding("P24", "removal in time (needs the worker)", seen, is_kept=not late)


def ledger(context: CheckContext) -> Iterator[Finding]:
    """Compare the erasure ledger with its mirror."""
    path, limit = context.settings.ledger_file, context.now - dt.timedelta(days=30, hours=1)
    mirrored = {
        entry for entry in context.inspection.erasures() if entry.erased_at < context.now - dt.timedelta(minutes=10)
    }
    try:
        written = read_ledger(path)
    except LedgerError as error:
        yield finding("P26", "erasure ledger", str(error), is_kept=False)
        return
    missing, old = len(mirrored - set(written)), sum(entry.erased_at < limit for entry in written)
    seen = f"{path.name}: {len(written)} erasures, {missing} missing, {old} older than 30 days"
    yield finding("P26", "erasure ledger", seen, is_kept=not missing and not old)
    yield from _ledger_mode(path)


def locked_accounts(context: CheckContext) -> Iterator[Finding]:
    """Try the keyring on the records of locked accounts, and look whether memory can end up on a disk."""
    locks = context.inspection.locks()
    seen = f"{_counted(locks.locked, 'account is', 'accounts are')} locked; the keyring opens {locks.opened} of them"
    under_way = f"; {_counted(locks.under_way, 'more is', 'more are')} being locked" if locks.under_way else ""
    yield finding("P30", LOCKED_ACCOUNTS, seen + under_way, is_kept=not locks.opened, accounts=locks.locked)
    if locks.locked and _has_swap():
        yield unknown("P30", "swap", "memory can be written to a disk here, and with it what was opened in a request")


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _has_swap() -> bool:
    """Whether this machine, if it is one that tells, writes memory to a disk."""
    return SWAPS.exists() and len(SWAPS.read_text().splitlines()) > 1  # a head, and a line for each place


def reports(context: CheckContext) -> Iterator[Finding]:
    """Check for overdue security reports, and for a contact."""
    waiting, overdue = context.inspection.reports(context.now)
    yield finding("P29", "security reports", f"{waiting} wait, {overdue} of them overdue", is_kept=not overdue)
    contact = context.settings.security_contact
    if contact:
        yield finding("P29", "security contact", contact, is_kept=True)
    else:
        yield absent("P29", "security contact", "TMR_SECURITY_CONTACT is not set")


def _database_link(name: str, url: str | None) -> Finding:
    what = f"link to the database ({name})"
    hosts = hosts_elsewhere(url) if url else []
    if url is None or not hosts:
        return absent("P05", what, "on this machine")
    mode = asked_sslmode(url)
    return finding("P05", what, f"{', '.join(hosts)}, sslmode={mode}", is_kept=mode == "verify-full")


def _ledger_mode(path: Path) -> Iterator[Finding]:
    if path.exists() and os.name == "posix":
        mode = stat.S_IMODE(path.stat().st_mode)
        yield finding("P26", "erasure ledger is private", f"mode {mode:04o}", is_kept=not mode & 0o077)


def _join_names(columns: set[tuple[str, str]]) -> str:
    return ", ".join(sorted(f"{table}.{name}" for table, name in columns))


def _age(age: dt.timedelta) -> str:
    hours = age.total_seconds() / 3600
    return f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:.1f} days"


ContextCheck = Callable[[CheckContext], Iterator[Finding]]
CHECKS: tuple[tuple[str, str, ContextCheck], ...] = (
    ("P02", "stored columns", stored_columns),
    ("P05", "links to other machines", links),
    ("P06", "sealed values", sealed_values),
    ("P06", "keyring", keyring),
    ("P06", "mail", outbox),
    ("P07", "backups", backups),
    ("P26", "backups at earlier targets", other_targets),
    ("P14", "room on the disk", lambda context: disk_space(context.settings)),
    ("P08", "password hashes", password_hashes),
    ("P16", "row-level security", row_level_security),
    ("P17", "role of the app", app_role),
    ("P18", "logs", logs),
    ("P19", "legal orders", legal_orders),
    ("P20", "role for counting", stats_role),
    ("P24", "removal in time", removal),
    ("P24", "rotation of the wrapping key", rotation),
    ("P26", "erasure ledger", ledger),
    ("P29", "security reports", reports),
    ("P30", LOCKED_ACCOUNTS, locked_accounts),
)


def checks_of(context: CheckContext) -> list[tuple[str, str, Check]]:
    """Return every check of this module with its promise and its name."""
    return [(promise, what, partial(look, context)) for promise, what, look in CHECKS]
