"""Erasing all data: the records go and their key with them; the account stays."""

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from tmr.privacy.blueprint import blueprint
from tmr.privacy.holdings import holdings
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.guards import confirmation_required
from tmr.web.identity import apart, unit_of_work
from tmr.web.parts import now, parts
from tmr.web.security_events import DATA_ERASED, note
from tmr.web.throttling import ASKED_AGAIN_BY_ACCOUNT, count

WRONG = "That is not your password. Nothing was erased."
ERASED = "All your data is erased, and the key that sealed it is destroyed. Your account stays."


@blueprint.post("/settings/privacy/erase-data")
@confirmation_required("/settings/privacy?erase=1")
def erase_data() -> Response:
    """Erase every record after asking for the password."""
    count(ASKED_AGAIN_BY_ACCOUNT, str(unit_of_work().owner))
    is_right = _is_confirmed_by_password(unit_of_work())
    with unit_of_work() as uow:
        if not is_right:
            context: dict[str, Any] = {"kept": holdings(uow), "errors": {"password": WRONG}, "is_erasing": True}
            return htmx.render("privacy/show.html", status=422, **context)
        uow.erase_data(now())
        note(uow, DATA_ERASED)
        uow.commit()
    return htmx.saved("/settings/privacy", "layouts/_notice.html", ERASED)


def _is_confirmed_by_password(uow: UnitOfWork) -> bool:
    """Whether the password is right; an account without one has confirmed by stepping up."""
    stored, typed = uow.account.password_hash(), request.form.get("password", "")
    return stored is None or apart(lambda: parts().verify_password(typed, stored))
