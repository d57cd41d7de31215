"""Passkeys: the options a browser gets, and the check of what its authenticator signed (WebAuthn Level 3). No Flask."""

import hashlib
import secrets
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from tmr.repository.accounts.passkeys import Passkey

NAME = "TrackMyRoles"
CHALLENGE_BYTES = 32
REQUIRED = UserVerificationRequirement.REQUIRED


class PasskeyRefusedError(Exception):
    """What the authenticator sent or signed was not accepted."""


class Registered(msgspec.Struct, frozen=True):
    """A new credential, as the authenticator made it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def new_challenge() -> bytes:
    """Return a random challenge of 256 bits."""
    return secrets.token_bytes(CHALLENGE_BYTES)


def creation_options(base_url: str, owner: UUID, email: str, challenge: bytes, known: list[Passkey]) -> str:
    """Return the options for ``navigator.credentials.create`` as JSON; authenticators in ``known`` refuse."""
    criteria = AuthenticatorSelectionCriteria(resident_key=ResidentKeyRequirement.REQUIRED, user_verification=REQUIRED)
    options = generate_registration_options(
        rp_id=_rp_id(base_url),
        rp_name=NAME,
        # The authenticator stores this handle. It is a hash, so that it gives nobody the id of the account.
        user_id=hashlib.sha256(owner.bytes).digest(),
        user_name=email,
        challenge=challenge,
        authenticator_selection=criteria,
        exclude_credentials=_descriptors(known),
    )
    return options_to_json(options)


def request_options(base_url: str, challenge: bytes, known: list[Passkey]) -> str:
    """Return the options for ``navigator.credentials.get`` as JSON; without ``known``, any passkey of this site."""
    options = generate_authentication_options(
        rp_id=_rp_id(base_url), challenge=challenge, allow_credentials=_descriptors(known), user_verification=REQUIRED
    )
    return options_to_json(options)


def registered(base_url: str, credential: str, challenge: bytes) -> Registered:
    """Return a new credential, after checking challenge, origin and site, and that its user was verified.

    Raises:
        PasskeyRefusedError: one of these is wrong.
    """
    try:
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_rp_id(base_url),
            expected_origin=base_url,
            require_user_verification=True,
        )
    except Exception as error:
        raise PasskeyRefusedError from error
    return Registered(verified.credential_id, verified.credential_public_key, verified.sign_count)


def credential_id(credential: str) -> bytes:
    """Return the id that a signed answer names, or raise ``PasskeyRefusedError``."""
    try:
        return base64url_to_bytes(msgspec.json.decode(credential)["id"])
    except Exception as error:
        raise PasskeyRefusedError from error


def new_sign_count(base_url: str, credential: str, challenge: bytes, passkey: Passkey) -> int:
    """Check what a passkey signed, and return its new counter.

    Raises:
        PasskeyRefusedError: challenge, origin, site, signature or counter is wrong, or its user was not verified.
    """
    try:
        verified = verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_rp_id(base_url),
            expected_origin=base_url,
            credential_public_key=passkey.credential.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except Exception as error:
        raise PasskeyRefusedError from error
    return verified.new_sign_count


def _rp_id(base_url: str) -> str:
    return urlsplit(base_url).hostname or ""


def _descriptors(known: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=passkey.credential.credential_id) for passkey in known]
