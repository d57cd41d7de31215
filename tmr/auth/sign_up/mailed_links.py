"""Mailed links: whom one belongs to and what it is for, as long as it is good. Opening one changes nothing."""

from werkzeug.wrappers import Response

from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.services import now, services


def open_link(token: str, *purposes: str) -> tuple[UnitOfWork, str] | None:
    """Return a unit of work of the account that a link was mailed to, with the purpose it has; None if it is over."""
    owner = services().repository.find_by_token(token)
    if owner is None:
        return None
    uow = services().repository.for_owner(owner)
    for purpose in purposes:
        if uow.tokens.is_good(token, purpose, now()):
            return uow, purpose
    uow.close()
    return None


def over() -> Response:
    """Answer a link that is over, or never was one."""
    return htmx.render("auth/sign_up/link_over.html", status=410)
