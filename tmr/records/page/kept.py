"""What was kept as sent with an application, as its page shows it."""

from collections.abc import Iterable, Sequence

import msgspec

from tmr.domain.fields.kind import pipeline_of_kind
from tmr.domain.kinds.event import EVENT
from tmr.domain.record import Record
from tmr.records.editing.sent import POSTING, is_sending, kept_files, sha256_of
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.display.zone import local_text

AT_ONCE = 20  # entries whose long texts are in memory


class KeptPosting(msgspec.Struct, frozen=True):
    """The day on which a posting was kept as it is now, or else whether it can be, and in place of another one."""

    day: str = ""
    can_be_kept: bool = False
    replaces: bool = False


def sent_on(uow: UnitOfWork, events: Iterable[Record]) -> dict[str, str]:
    """Return the day on which each file was last sent, by its SHA-256; ``events`` may be without their long texts."""
    holding = sorted(
        (event for event in events if event["sent_files"] and event["happened_at"]),
        key=lambda event: str(event["happened_at"]),
    )
    found: dict[str, str] = {}
    for start in range(0, len(holding), AT_ONCE):
        ids = [event.id for event in holding[start : start + AT_ONCE]]
        for event in uow.records.get_many(EVENT, ids, with_detail=True):
            day = local_text(str(event["happened_at"]))[:10]
            found |= {kept.sha256: day for kept in kept_files(event) if kept.sha256}
    return found


def kept_posting(application: Record, events: Sequence[Record]) -> KeptPosting:
    """Return what the ``events`` of an application say of its posting; one that never went out has nothing to keep."""
    posting = application[POSTING]
    print_of_it = sha256_of(posting) if posting else ""
    same = [event for event in events if posting and event["posting_sha256"] == print_of_it]
    if same:
        return KeptPosting(local_text(str(same[0]["happened_at"]))[:10] if same[0]["happened_at"] else "")
    if not posting or not went_out(application, events):
        return KeptPosting()
    latest = max(_sendings(application, events), key=lambda event: str(event["happened_at"]), default=None)
    return KeptPosting(can_be_kept=True, replaces=latest is not None and latest["posting_sha256"] is not None)


def went_out(application: Record, events: Iterable[Record]) -> bool:
    """Whether an application was sent, by its ``events`` or by the day on which it was applied for."""
    return bool(application[application.kind.by_role["applied"].name] or _sendings(application, events))


def _sendings(application: Record, events: Iterable[Record]) -> list[Record]:
    pipeline = pipeline_of_kind(application.kind)
    return [event for event in events if is_sending(pipeline, event["from_stage"], event["to_stage"])]
