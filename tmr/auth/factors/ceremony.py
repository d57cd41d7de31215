"""One use of a passkey: the challenge that this browser gets, and the check of what was signed for it."""

import base64

from flask import request, session

from tmr.auth.factors import passkeys
from tmr.auth.factors.passkeys import PasskeyRefusedError
from tmr.repository.accounts.passkeys import Passkey
from tmr.repository.unit_of_work import UnitOfWork
from tmr.web.services import now, services
from tmr.web.session.throttling import is_first_use

CHALLENGE, CHALLENGE_SECONDS = "passkey", 300  # its key in the signed session cookie, and how long it works
# What a challenge is for: one for unlocking confirms nothing, and signs nobody in.
ADD, USE, UNLOCK, LET_IN = "add", "use", "unlock", "let in"
CREDENTIAL_FIELD, SECRET_FIELD = "credential", "prf_secret"


def request_options(purpose: str, known: list[Passkey]) -> str:
    """Return, as JSON, what the browser needs to use one of these passkeys; without ``known`` any of this site."""
    return passkeys.request_options(origin(), new_challenge(purpose), known)


def new_challenge(purpose: str) -> bytes:
    """Return a challenge that this browser may use once, for ``purpose``."""
    challenge = passkeys.new_challenge()
    session[CHALLENGE] = [purpose, base64.b64encode(challenge).decode(), now().timestamp()]
    return challenge


def take_challenge(purpose: str) -> bytes:
    """Return the challenge that this browser got for ``purpose``; it works once, for five minutes.

    Raises:
        PasskeyRefusedError: there is none, it is for another purpose, too old, or used.
    """
    stored_purpose, text, began = session.pop(CHALLENGE, ["", "", 0])
    is_fresh = 0 <= now().timestamp() - began <= CHALLENGE_SECONDS
    # The cookie can be sent again after the pop, so the server remembers which challenges were used.
    if stored_purpose != purpose or not is_fresh or not is_first_use(f"passkey {text}"):
        raise PasskeyRefusedError
    return base64.b64decode(text)


def used_passkey(uow: UnitOfWork, purpose: str, field: str = CREDENTIAL_FIELD) -> Passkey:
    """Return the passkey of this account that signed this request's challenge, and note its use.

    Raises:
        PasskeyRefusedError: there is no such passkey, or its signature is wrong.
    """
    credential = request.form.get(field, "")
    return check_signature(uow, credential, passkeys.credential_id(credential), take_challenge(purpose))


def check_signature(uow: UnitOfWork, credential: str, credential_id: bytes, challenge: bytes) -> Passkey:
    """Return the passkey of this account that signed, and note its use, or raise ``PasskeyRefusedError``."""
    passkey = uow.passkeys.find(credential_id)
    if passkey is None or uow.account.standing().disabled_at:
        raise PasskeyRefusedError
    sign_count = passkeys.new_sign_count(origin(), credential, challenge, passkey)
    if not uow.passkeys.note_use(passkey, sign_count, now()):  # another request with this counter was first
        raise PasskeyRefusedError
    return passkey


def origin() -> str:
    """Return the address that passkeys of this installation sign for."""
    return services().settings.base_url
