"""What every job works with."""

import datetime as dt
from collections.abc import Callable

import msgspec

from tmr.operations.backups.create import Backups
from tmr.operations.backups.other_targets import OtherTargets
from tmr.operations.doctor.watch import Watch
from tmr.operations.key_rotation import KeyRotation
from tmr.operations.mail import Mailer
from tmr.repository.database.across_owners import AcrossOwners
from tmr.repository.queue.rate_limits import Limits
from tmr.repository.repository import Repository


class JobContext(msgspec.Struct):
    """What jobs work with."""

    repository: Repository
    across_owners: AcrossOwners
    limits: Limits
    mailer: Mailer
    clock: Callable[[], dt.datetime]
    publish_erasures: Callable[[dt.datetime], None]
    sends_mail: bool = True
    backups: Backups | None = None
    backup_recipient: str = ""
    rotation: KeyRotation | None = None
    watch: Watch | None = None
    other_targets: OtherTargets | None = None
