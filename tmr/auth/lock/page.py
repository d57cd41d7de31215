"""The page where records are locked and unlocked for good: what it would change, how far it is, what opens them."""

from collections.abc import Iterator
from typing import Any

from werkzeug.wrappers import Response

from tmr.repository.access.access_tokens import AccessTokens
from tmr.repository.access.coach_links import CoachLinks
from tmr.repository.access.support_grants import SupportGrants
from tmr.repository.lock.kept_slots import KeptSlot, password_slot, recovery_slot
from tmr.repository.lock.passkeys import passkey_slots
from tmr.repository.lock.progress import Progress
from tmr.repository.lock.records_lock import OFF, RESEALING
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.services import now, services
from tmr.web.session.current import is_confirmed

PAGE = "/settings/privacy/lock"
HANDED_OUT = {
    AccessTokens.slot_kind: ("access token", "/settings/tokens"),
    CoachLinks.slot_kind: ("coach link", "/settings/coach"),
    SupportGrants.slot_kind: ("code for support", "/settings/privacy"),
}


def show_lock(uow: UnitOfWork, *, status: int = 200, errors: dict[str, str] | None = None, **more: Any) -> Response:
    """Render the page as the lock of this account is now."""
    state = uow.lock.phase
    context: dict[str, Any] = {"state": state, "is_open": uow.lock.is_open, "is_confirmed": is_confirmed()}
    context |= {"errors": errors or {}, "email": uow.account.email(), "has_backups": has_backups()}
    context["passkeys"] = uow.passkeys.list()
    if state != RESEALING:
        context["ending"] = what_ends(uow)
    if state == OFF:
        context["has_password"] = uow.account.standing().has_password
    else:
        progress, slots = uow.lock.progress(), uow.lock.slots()
        context |= {"progress": progress, "password": password_slot(slots), "code": recovery_slot(slots)}
        context["let_in"] = passkey_slots(slots)
        context["handed_out"] = list(handed_out(slots))
        context["begins_again_at"] = uow.beginning_again.at()
        context["is_rotation_due"] = is_rotation_due(progress)
    return htmx.render("auth/lock/index.html", status=status, **context, **more)


def what_ends(uow: UnitOfWork) -> list[str]:
    """Return what ends once records are sealed under another key, as it gets no slot for that: ``2 calendar links``."""
    export = uow.exports.current(now())
    counts = {
        "calendar link": len(uow.feeds.list()),
        "access token": len(uow.access_tokens.list(now())),
        "coach link": len(uow.coach_links.list(now())),
        "code for support": len(uow.grants.list(now())),
        "waiting download": 1 if export else 0,
        "passkey for unlocking": len(passkey_slots(uow.lock.slots())),
    }
    return [f"{count} {words if count == 1 else _many(words)}" for words, count in counts.items() if count]


def handed_out(slots: list[KeptSlot]) -> Iterator[tuple[str, str]]:
    """Yield what its owner gave others to open locked records with, as ``2 access tokens``, and the page of that."""
    for kind, (words, page) in HANDED_OUT.items():
        if count := sum(kept.slot.kind == kind for kept in slots):
            yield f"{count} {words if count == 1 else _many(words)}", page


def _many(words: str) -> str:
    first, *rest = words.split(" for ")
    return " for ".join([f"{first}s", *rest])


def has_backups() -> bool:
    """Whether this installation makes backups."""
    return bool(services().settings.backup_target)


def is_rotation_due(progress: Progress) -> bool:
    """Whether a key of the keyring may still open a wrap that was destroyed, as its bytes may still be on a disk."""
    destroyed_at = progress.destroyed_at
    if destroyed_at is None:
        return False
    rotation = services().repository.standing(now()).rotation
    if rotation is None or rotation.last_at is None or rotation.last_at <= destroyed_at:
        return True
    return rotation.due_since is not None and rotation.due_since <= destroyed_at
