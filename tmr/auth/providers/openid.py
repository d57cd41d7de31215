"""OpenID Connect: sending a browser to a sign-in provider, and checking what it brings back. No Flask.

Authorization code flow with PKCE (RFC 7636), state and nonce; ID tokens as in OpenID Connect Core 1.0, 3.1.3.7.
"""

import datetime as dt
import threading
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from tmr.config import GOOGLE, LOOPBACK_NAMES, Provider, host_of

TIMEOUT_SECONDS = 8
LONGEST_WAIT_SECONDS = 1.0  # for another request that is reading what the provider publishes
EXCHANGES = 16  # at once in a process: each holds a thread for as long as the provider takes
FAILURE_FOR = dt.timedelta(seconds=10)  # in which a provider that has just failed is not asked again
METADATA_FOR = dt.timedelta(hours=1)
KEYS_FOR = dt.timedelta(minutes=1)  # before a signature that fits no key makes us read the keys again
NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
ALGORITHMS = ["RS256", "PS256", "ES256"]  # never "none", never a shared secret
LEEWAY_SECONDS = 60
HEADER_FIELDS = {"alg", "kid", "typ"}  # others could bring a key along, or say where to find one


class ProviderError(Exception):
    """The provider cannot be reached, or its answer is not accepted; the message contains no secret."""


class Claims(msgspec.Struct, frozen=True):
    """What a checked ID token says; ``authenticated_at`` is in seconds since 1970."""

    issuer: str
    subject: str
    email: str
    is_email_verified: bool
    authenticated_at: int | None


class Journey(msgspec.Struct):
    """The secrets that the way back is checked against; they wait in the browser that was sent."""

    state: str
    nonce: str
    verifier: str


class OpenIdClient:
    """One provider, with the endpoints and keys that it publishes; requests share it, so it locks."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._read_at = self._failed_at = NEVER
        self._exchanges = threading.BoundedSemaphore(EXCHANGES)

    def address(self, journey: Journey, redirect_uri: str, now: dt.datetime, *, is_fresh: bool) -> str:
        """Return the address to send the browser to; with ``is_fresh`` people must sign in at the provider again.

        Raises:
            ProviderError: the provider cannot be reached.
        """
        extra = {"prompt": "select_account"}
        if is_fresh and self._provider.issuer != GOOGLE:  # Google supports neither of these
            extra = {"prompt": "login", "max_age": "0"}
        with self._session(redirect_uri) as session:
            url, _ = session.create_authorization_url(
                self._endpoint("authorization_endpoint", now),
                state=journey.state,
                nonce=journey.nonce,
                code_verifier=journey.verifier,
                **extra,
            )
        return str(url)

    def claims(self, journey: Journey, code: str, redirect_uri: str, now: dt.datetime) -> Claims:
        """Exchange the code for an ID token, and return what that says once it is checked. No token is kept.

        Raises:
            ProviderError: the provider cannot be reached, or its token is not accepted.
        """
        url = self._endpoint("token_endpoint", now)
        if not self._exchanges.acquire(blocking=False):
            raise ProviderError("the provider has too many codes to answer for")
        try:
            with self._session(redirect_uri) as session:
                token = session.fetch_token(
                    url, code=code, code_verifier=journey.verifier, timeout=TIMEOUT_SECONDS, allow_redirects=False
                )
        except Exception as error:  # noqa: BLE001 - the library raises errors of several families
            raise ProviderError(f"the code was not taken ({type(error).__name__})") from None
        finally:
            self._exchanges.release()
        return self._checked_claims(str(token.get("id_token", "")), journey.nonce, now)

    def _checked_claims(self, id_token: str, nonce: str, now: dt.datetime) -> Claims:
        token = self._decode(id_token, now)
        if set(token.header) - HEADER_FIELDS:
            raise ProviderError("the token's header has fields that are not taken")
        issuer = str(self._metadata["issuer"])
        problem = what_is_wrong(token.claims, issuer, self._provider.client_id, nonce, int(now.timestamp()))
        if problem:
            raise ProviderError(problem)
        return _claims_of(token.claims)

    def _decode(self, id_token: str, now: dt.datetime) -> jwt.Token:
        try:
            return jwt.decode(id_token, self._key_set(now), algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            if now - self._read_at < KEYS_FOR:
                raise ProviderError("the signature of the token is not good") from None
        self._refresh(now, KEYS_FOR)  # the provider may have changed its keys: try again with fresh ones
        return self._decode(id_token, now)

    def _session(self, redirect_uri: str) -> OAuth2Session:
        session = OAuth2Session(
            self._provider.client_id,
            self._provider.client_secret,
            scope="openid email",
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )
        session.trust_env = False  # no proxy or credentials from the environment
        return session

    def _endpoint(self, name: str, now: dt.datetime) -> str:
        self._refresh(now)
        url = str(self._metadata.get(name, ""))
        if not _is_allowed(url, self._provider):
            raise ProviderError(f"the provider's {name} is on a host that is not its own")
        return url

    def _key_set(self, now: dt.datetime) -> KeySet:
        self._refresh(now)
        if self._keys is None:
            raise ProviderError("the provider has no keys")
        return self._keys

    def _refresh(self, now: dt.datetime, longest: dt.timedelta = METADATA_FOR) -> None:
        """Read the provider's endpoints and keys again once they are older than ``longest``.

        Only one request at a time does that, since each that waits for a slow provider holds a thread. The others use
        what was read before if that will do, or are refused after a second; for ten seconds after a failure all are.

        Raises:
            ProviderError: the provider cannot be reached, and what was read before is missing or will not do.
        """
        if now - self._read_at < longest:
            return
        will_do = bool(self._metadata) and longest == METADATA_FOR
        if not self._lock.acquire(timeout=0 if will_do else LONGEST_WAIT_SECONDS):
            if will_do:
                return
            raise ProviderError("the provider takes long to answer")
        try:
            self._read_unless_it_failed(now, longest)
        except ProviderError:
            if not will_do:
                raise
        finally:
            self._lock.release()

    def _read_unless_it_failed(self, now: dt.datetime, longest: dt.timedelta) -> None:
        if now - self._read_at < longest:
            return  # another request did it while this one waited for the lock
        if dt.timedelta(0) <= now - self._failed_at < FAILURE_FOR:  # below zero if the clock was set back
            raise ProviderError("the provider did not answer a moment ago")
        try:
            self._metadata, self._keys = self._read_provider()
        except ProviderError:
            self._failed_at = now
            raise
        self._read_at = now

    def _read_provider(self) -> tuple[dict[str, Any], KeySet]:
        # Some issuers end in a slash. Discovery leaves it out (OpenID Connect Discovery 1.0, 4.1), as settings may.
        issuer = self._provider.issuer.rstrip("/")
        metadata = _fetch(f"{issuer}/.well-known/openid-configuration")
        if metadata.get("issuer") not in (issuer, f"{issuer}/"):
            raise ProviderError("the provider gives itself another name")
        jwks_uri = str(metadata.get("jwks_uri", ""))
        if not _is_allowed(jwks_uri, self._provider):
            raise ProviderError("the provider's keys are on a host that is not its own")
        return metadata, _key_set(_fetch(jwks_uri))


@cache
def client_of(provider: Provider) -> OpenIdClient:
    """Return the client for a provider; there is one in each process, so that what it read is shared."""
    return OpenIdClient(provider)


def what_is_wrong(claims: dict[str, Any], issuer: str, client_id: str, nonce: str, now: int) -> str | None:
    """Return why an ID token with these claims is refused, or None; ``now`` is in seconds since 1970.

    ``issuer`` is spelled as the provider publishes it: a slash at its end counts.
    """
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    checks = {
        "another issuer": claims.get("iss") == issuer,
        "not for this app": client_id in audiences,
        "for others too": len(audiences) == 1 or claims.get("azp") == client_id,
        "for another app": claims.get("azp", client_id) == client_id,
        "another nonce": bool(nonce) and claims.get("nonce") == nonce,
        "over": _is_number(claims.get("exp")) and claims["exp"] > now - LEEWAY_SECONDS,
        "from the future": _is_number(claims.get("iat")) and claims["iat"] <= now + LEEWAY_SECONDS,
        "not yet good": "nbf" not in claims or (_is_number(claims["nbf"]) and claims["nbf"] <= now + LEEWAY_SECONDS),
        "about nobody": isinstance(claims.get("sub"), str) and 0 < len(claims["sub"]) <= 255,
    }
    return next((f"the token is {what}" for what, is_right in checks.items() if not is_right), None)


def _key_set(content: dict[str, Any]) -> KeySet:
    try:
        return KeySet.import_key_set(content)  # type: ignore[arg-type]
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        raise ProviderError("the provider's keys are not in their form") from None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _claims_of(claims: dict[str, Any]) -> Claims:
    auth_time = claims.get("auth_time")
    return Claims(
        issuer=claims["iss"],
        subject=claims["sub"],
        email=str(claims.get("email", "")),
        is_email_verified=claims.get("email_verified") is True,
        authenticated_at=auth_time if isinstance(auth_time, int) else None,
    )


def _is_allowed(url: str, provider: Provider) -> bool:
    """Whether ``url`` is on a host of the provider, by https; http only for a provider on this machine."""
    issuer, parts = urlsplit(provider.issuer), urlsplit(url)
    is_encrypted = parts.scheme == "https" or (issuer.scheme == "http" and host_of(url) in LOOPBACK_NAMES)
    return is_encrypted and parts.netloc in provider.hosts


def _fetch(url: str) -> dict[str, Any]:
    try:
        with requests.Session() as session:
            session.trust_env = False
            # A redirect could lead the server to a host that is not the provider's.
            answer = session.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False)
            answer.raise_for_status()
            content = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise ProviderError(f"the provider does not answer ({type(error).__name__})") from None
    return content if isinstance(content, dict) else {}
