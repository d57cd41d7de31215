"""Tells the operator by mail: of a promise that breaks, of a report that is due soon, of a request for support."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable

from tmr.operations.doctor.report import BROKEN, UNKNOWN, Finding
from tmr.repository.database.across_owners import AcrossOwners
from tmr.repository.database.installation_facts import (
    KIT_IS_HERE,
    LEAST_TOLD,
    LOCKED_ACCOUNTS,
    Examination,
    InstallationFacts,
    Locked,
    Told,
)
from tmr.repository.queue.mails import Mail
from tmr.repository.repository import Repository

DUE_SOON = dt.timedelta(hours=6)
EVERY = dt.timedelta(minutes=15)  # how often it looks for reports that are due soon


def examination_of(findings: list[Finding], now: dt.datetime) -> Examination:
    """Return the outcome of what the doctor found."""
    names = [f"{finding.promise} {finding.what}" for finding in findings if finding.state == BROKEN]
    counts = dict(Counter(finding.state for finding in findings))
    locks = next((finding for finding in findings if finding.what == LOCKED_ACCOUNTS), None)
    if locks is None or locks.state == UNKNOWN:
        return Examination(now, counts, names)
    locked = locks.accounts if locks.accounts >= LEAST_TOLD else 0
    return Examination(now, counts, names, Locked(locked, is_kept=locks.state != BROKEN))


class Watch:
    """Looks after one installation for its operator, who may have no address: then the findings are kept alone."""

    def __init__(
        self,
        repository: Repository,
        across_owners: AcrossOwners,
        facts: InstallationFacts,
        look: Callable[[], list[Finding]],
        operator: str | None,
        look_at_disks: Callable[[], Iterable[Finding]] = tuple,
    ) -> None:
        self._repository = repository
        self._across_owners = across_owners
        self._facts = facts
        self._look = look
        self._operator = operator
        self._look_at_disks = look_at_disks

    def examine(self, now: dt.datetime) -> Examination:
        """Let the doctor look, keep the outcome, and mail it if something is broken that was not told of before.

        What an operator sees by `tmr doctor` is not told: it may have run by itself, and nobody looked.
        """
        findings = self._look()
        examination = examination_of(findings, now)
        told = self._facts.find(Told)
        self._facts.put(examination, now)
        # At the first start the kit cannot have been moved away yet, and the terminal says so already.
        if set(examination.broken) - set(told.broken if told else [KIT_IS_HERE]):
            self._mail_broken(findings, now)
        self._facts.put(Told(examination.broken), now)
        return examination

    def tell_of_disks(self, now: dt.datetime) -> None:
        """Mail once that a disk is nearly full, which does not wait for the daily check; again if it had room since."""
        findings = list(self._look_at_disks())
        looked = {f"{finding.promise} {finding.what}" for finding in findings}
        full = examination_of(findings, now).broken
        told = self._facts.find(Told)
        known = told.broken if told else [KIT_IS_HERE]
        if set(full) - set(known):
            self._mail_broken(findings, now)
        if set(full) != set(known) & looked:
            self._facts.put(Told([*(name for name in known if name not in looked), *full]), now)

    def tell_of_reports(self, now: dt.datetime) -> int:
        """Mail once that security reports are due within six hours; return how many."""
        soon = now + DUE_SOON
        due = [
            report
            for report in self._across_owners.reports()
            if report.answered_at is None and soon - EVERY < report.due_at <= soon
        ]
        for report in due:
            values = {"number": str(report.id), "due": f"{report.due_at:%Y-%m-%d %H:%M} UTC"}
            self._mail(Mail(self._operator or "", "report_due", values), now)
        return len(due)

    def _mail_broken(self, findings: Iterable[Finding], now: dt.datetime) -> None:
        broken = [found for found in findings if found.state == BROKEN]
        lines = "\n".join(f"{found.promise} {found.what}: {found.seen}" for found in broken)
        self._mail(Mail(self._operator or "", "broken", {"lines": lines}), now)

    def _mail(self, mail: Mail, now: dt.datetime) -> None:
        if not self._operator:
            return
        with self._repository.installation() as installation:
            installation.mails.add(mail, now)
            installation.commit()
