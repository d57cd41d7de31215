"""What the promises come to on this installation, in words that follow from its settings and checks."""

import datetime as dt

import msgspec

from tmr.config import Settings, host_of
from tmr.privacy.promises.processors import backup_host, is_local
from tmr.repository.access.disclosures import PublicCounts
from tmr.repository.database.installation_facts import Examination, Rotation, Standing


class Fact(msgspec.Struct, frozen=True):
    """One line: what it is about, and what is true of it here."""

    what: str
    words: str


def facts_of(settings: Settings, standing: Standing, *, is_kit_here: bool, release: str) -> list[Fact]:
    """Return what there is to say about this installation, good or bad, in a fixed order."""
    return [
        Fact("Address", _address(settings)),
        Fact("Sessions", _sessions(settings)),
        Fact("Backups", _backups(settings, standing, is_kit_here=is_kit_here)),
        Fact("Mail", _mail(settings)),
        Fact("Keys", _keys(settings, standing.rotation)),
        Fact("Last check (tmr doctor)", _last_check(standing.examination)),
        Fact("Locked accounts", _locked(standing.examination)),
        Fact("Legal orders met", _orders(standing.counts)),
        Fact("Visits by support", ", ".join(f"{year.year}: {year.support_looks}" for year in standing.counts.years)),
        Fact("Security reports", _reports(standing.counts)),
        Fact("Release", release),
    ]


def _address(settings: Settings) -> str:
    if settings.is_secure:
        return f"{settings.base_url}, https only"
    if settings.is_open_to_others:
        return f"{settings.base_url}, plain http, and other machines can reach it: what is sent can be read on the way"
    return f"{settings.base_url}, plain http, so only the machine it runs on can reach it"


def _sessions(settings: Settings) -> str:
    idle, most = in_words(settings.session_idle), in_words(settings.session_max)
    kept_idle, kept_most = in_words(settings.kept_session_idle), in_words(settings.kept_session_max)
    return (
        f"end after {idle} without activity and after {most} at the latest; with “keep me signed in” after "
        f"{kept_idle} and {kept_most}"
    )


def _backups(settings: Settings, standing: Standing, *, is_kit_here: bool) -> str:
    return _backups_now(settings, standing, is_kit_here=is_kit_here) + _earlier_targets(standing)


def _earlier_targets(standing: Standing) -> str:
    """Say where backups went before and cannot be reached; publicly only of what sort the place is."""
    unreached = standing.backups.unreached if standing.backups else {}
    kinds = sorted({backup_host(place) for place in unreached})
    if not kinds:
        return ""
    return (
        f". Backups at an earlier place ({', '.join(kinds)}) cannot be reached since "
        f"{min(unreached.values()):%Y-%m-%d %H:%M} UTC: whether P26 is kept there is unknown"
    )


def _backups_now(settings: Settings, standing: Standing, *, is_kit_here: bool) -> str:
    if not settings.backup_target:
        off = "off: if this machine is lost, everything on it is lost"
        return f"{off}. The private key of earlier ones is still on this machine" if is_kit_here else off
    last = standing.backups.made_at if standing.backups else None
    made = f"made daily, the last {last:%Y-%m-%d %H:%M} UTC" if last else "made daily; none has been made yet"
    if is_kit_here and not settings.has_own_backups:
        return f"{made}. The private key of earlier ones is still on this machine, so P07 is not kept yet"
    if is_kit_here:
        return f"{made}. Their private key is still on this machine, so P07 is not kept yet"
    return f"{made}, sealed for a key that is not on this machine, kept at most 30 days"


def _mail(settings: Settings) -> str:
    if settings.mail_url:
        if is_local(host_of(settings.mail_url)):
            return "handed to a mail server on this machine"
        return f"handed to {host_of(settings.mail_url)} over verified TLS"
    if settings.is_loopback:
        return "no mail server: emails are kept in a folder on this machine for a week, not sealed"
    return (
        "no mail server: no email is sent. Security reports and other messages to the operator are kept in a folder on "
        "this machine for a week, not sealed"
    )


def rotates_by_hand(settings: Settings, rotation: Rotation | None) -> bool:
    """Whether the wrapping key waits for the operator to rotate it, by the settings or as was found when it was due."""
    return settings.rotates_by_hand or bool(settings.keyring) or bool(rotation and rotation.reason)


def _keys(settings: Settings, rotation: Rotation | None) -> str:
    is_by_hand = rotates_by_hand(settings, rotation)
    how = "rotates after erasures" + (" by hand: the operator has to do it" if is_by_hand else "")
    if rotation is None:
        return f"the key that wraps all others {how}; it has not been checked yet whether one is due"
    last = f"rotated last {rotation.last_at:%Y-%m-%d}" if rotation.last_at else "not rotated yet"
    if rotation.due_since is None:
        return f"the key that wraps all others {how}{'' if is_by_hand else ', within a day'}; {last}"
    by_hand = ", by hand: the operator has to do it" if is_by_hand else ""
    return f"{last}; rotation is due since {rotation.due_since:%Y-%m-%d %H:%M} UTC{by_hand}"


def _last_check(examination: Examination | None) -> str:
    if examination is None:
        return "not checked yet"
    counts = ", ".join(f"{count} {state}" for state, count in sorted(examination.counts.items()))
    return f"{examination.examined_at:%Y-%m-%d %H:%M} UTC: {counts}"


def _locked(examination: Examination | None) -> str:
    """Say how many accounts are locked; as every figure about people, not while they are fewer than ten."""
    locked = examination and examination.locked
    if not locked:
        return "not checked yet"
    count = f"{locked.accounts} accounts are locked" if locked.accounts else "none, or fewer than ten"
    return f"{count}; the keyring opens {'0' if locked.is_kept else 'some'} of them"


def _orders(counts: PublicCounts) -> str:
    return ", ".join(
        f"{year.year}: {year.legal_orders}"
        + (f", {year.untold} of them with the notice still to come" if year.untold else "")
        for year in counts.years
    )


def _reports(counts: PublicCounts) -> str:
    if not counts.reports:
        return "none in the last 12 months"
    median = f", half of them answered within {in_words(counts.median_answer)}" if counts.median_answer else ""
    return f"{counts.reports} in the last 12 months{median}"


def in_words(span: dt.timedelta) -> str:
    """Return a length of time in words, to the minute: "2 hours 29 minutes"."""
    left, words = max(1, round(span.total_seconds() / 60)), []
    for minutes, unit in ((1_440, "day"), (60, "hour"), (1, "minute")):
        count, left = divmod(left, minutes)
        if count:
            words.append(f"{count:,} {unit}{'s' * (count != 1)}")
    return " ".join(words)
