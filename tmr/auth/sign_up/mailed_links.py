"""Mailed links: whose a link is and what it is for, until it expires. Opening one changes nothing."""

from typing import NamedTuple

from werkzeug.wrappers import Response

from tmr.repository.unit_of_work import UnitOfWork
from tmr.web import htmx
from tmr.web.services import now, services


class OpenedLink(NamedTuple):
    """A link that still works, with a unit of work of its account; the caller closes that."""

    uow: UnitOfWork
    purpose: str


def open_link(token: str, *purposes: str) -> OpenedLink | None:
    """Return the link behind ``token`` if it has one of these purposes; None if it has expired or never was one."""
    owner = services().repository.find_by_token(token)
    if owner is None:
        return None
    uow = services().repository.for_owner(owner)
    for purpose in purposes:
        if uow.tokens.is_good(token, purpose, now()):
            return OpenedLink(uow, purpose)
    uow.close()
    return None


def answer_expired_link() -> Response:
    """Answer 410 to a link that has expired, was used, or never was one; the page does not say which."""
    return htmx.render("auth/sign_up/link_over.html", status=410)
