"""Which account an identity at a sign-in provider opens: found by issuer and subject, never by email address."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from tmr.auth.factors.checking import account_has_factor
from tmr.auth.providers.openid import Claims
from tmr.auth.revocation import Event, revoke
from tmr.auth.sign_in import pending
from tmr.auth.sign_in.pending import Pending
from tmr.auth.sign_in.steps import complete_sign_in, end_all_else, go_to
from tmr.auth.sign_up.email_address import canonical
from tmr.domain.security_events import EMAIL_VERIFIED, IDENTITY_LINKED, SIGNED_UP
from tmr.repository.accounts.accounts import NewAccount
from tmr.repository.accounts.provider_identities import ProviderIdentity
from tmr.repository.errors import EmailTakenError
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.event_log import note
from tmr.web.services import now, services
from tmr.web.session.current import end_session

LINK_FIRST = (
    "There is already an account with this address. Sign in with its password, then link the provider in Settings, "
    "Security. Nothing was changed."
)
NOT_CONFIRMED = (
    "The provider has not confirmed your email address, so you cannot sign up with it. Use a password instead."
)
DISABLED = "You can't sign in to this account. Ask the person who runs this server."
UNLINKED = "That sign-in is no longer linked to an account. Sign in another way."
NO_SIGN_UP = "Sign-up is closed here. Nothing was changed."


def sign_in(claims: Claims, next_path: str) -> Response:
    """Sign in to the account that this identity opens; without one, sign up if its address is free and confirmed."""
    owner = services().repository.find_by_identity(claims.issuer, claims.subject)
    if owner is None:
        return _sign_up(claims, next_path)
    with services().repository.for_owner(owner) as uow:
        uow.account.hold()  # until the session is there: what ends this way in waits, and then ends that too
        if services().repository.find_by_identity(claims.issuer, claims.subject) != owner:
            return _refuse(UNLINKED)
        if uow.account.standing().disabled_at:
            return _refuse(DISABLED)
        if not account_has_factor(uow):
            # In an account with a password only that confirms who is there: the provider's word is weaker.
            is_strongest = not uow.account.standing().has_password
            return complete_sign_in(uow, next_path, keep=False, is_confirmed=is_strongest)
        pending.begin(uow, Pending(pending.FACTOR, next_path))
        uow.commit()
    return go_to("/login/2fa")


def link(uow: UnitOfWork, claims: Claims) -> bool:
    """Let an identity open this account, and commit; False if it already opens one, this or another."""
    if not uow.identities.add(ProviderIdentity(claims.issuer, claims.subject, claims.email), now()):
        return False
    note(uow, IDENTITY_LINKED)
    end_all_else(uow, Event.FACTOR_CHANGED)
    return True


def may_confirm(uow: UnitOfWork, claims: Claims) -> bool:
    """Whether these claims confirm who is there: the identity opens this account, which has no stronger proof."""
    is_same = services().repository.find_by_identity(claims.issuer, claims.subject) == uow.owner
    return is_same and not account_has_factor(uow) and not uow.account.standing().has_password


def _sign_up(claims: Claims, next_path: str) -> Response:
    canonical_email = canonical(claims.email)
    if not claims.is_email_verified or canonical_email is None:
        return _refuse(NOT_CONFIRMED)
    holder = services().repository.find_owner(canonical_email)
    if holder is not None:
        return _take_over(services().repository.for_owner(holder), claims, next_path)
    if services().settings.registration != "open":
        return _refuse(NO_SIGN_UP)
    try:
        new = NewAccount(claims.email, canonical_email, None, is_verified=True)
        owner = services().repository.add_account(new, now())
    except EmailTakenError:
        return _refuse(LINK_FIRST)
    with services().repository.for_owner(owner) as uow:
        note(uow, SIGNED_UP)
        uow.identities.add(ProviderIdentity(claims.issuer, claims.subject, claims.email), now())
        return complete_sign_in(uow, next_path, keep=False, is_new_account=True)


def _take_over(uow: UnitOfWork, claims: Claims, next_path: str) -> Response:
    """Give an account whose address was never confirmed to the address's owner; refuse if it was confirmed."""
    with uow:
        standing = uow.account.standing()
        if standing.disabled_at:
            return _refuse(DISABLED)
        if standing.verified_at:
            return _refuse(LINK_FIRST)
        # A stranger may have signed up with this address, and must not keep a way in: see ``sign_up.completion``.
        end_session()  # of this browser first: what ends it later would wait for what is revoked here
        revoke(uow, Event.TAKEN_OVER, now())
        uow.account.verify(now())
        uow.identities.add(ProviderIdentity(claims.issuer, claims.subject, claims.email), now())
        note(uow, EMAIL_VERIFIED)
        note(uow, IDENTITY_LINKED)
        return complete_sign_in(uow, next_path, keep=False, is_new_account=True)


def _refuse(notice: str) -> Response:
    flash(notice)
    return redirect(url_for("auth.sign_in"), 303)
