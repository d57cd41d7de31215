"""A sign-in provider on loopback that can be told to lie: every part of its ID token can be bent."""

import base64
import json
import secrets
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask, jsonify, request
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from werkzeug.serving import BaseWSGIServer, make_server

from tests.support.people import Browser

PORTS: set[int] = set()
CLIENT_ID, CLIENT_SECRET = "tmr-client", "not so secret"


class Provider:
    """Answers discovery, keys and tokens. The person at it agrees to everything."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
        self.codes: dict[str, dict[str, Any]] = {}
        self.bend: Callable[[dict[str, Any]], None] = lambda claims: None
        self.sign: Callable[[dict[str, Any]], str] = self.honest
        self.metadata: dict[str, str] = {}
        self.secrets = {CLIENT_SECRET}
        self.token_requests: list[dict[str, str]] = []
        self.server = self._server_of_its_own()
        self.issuer = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def honest(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)

    def agree(self, address: str, **claims: Any) -> str:
        """Be the person who agrees; return the path that the browser is sent back to."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = secrets.token_urlsafe(16)
        self.codes[code] = {"query": query, "claims": claims}
        return f"/auth/google/callback?code={code}&state={query['state']}"

    def _server_of_its_own(self) -> BaseWSGIServer:
        """A server at a port that no provider of this process had: the app keeps what it read of an issuer."""
        while True:
            server = make_server("localhost", 0, self._app(), threaded=True)
            if server.server_port not in PORTS:
                PORTS.add(server.server_port)
                return server
            server.server_close()

    def _app(self) -> Flask:
        app = Flask("provider")
        app.add_url_rule("/.well-known/openid-configuration", view_func=self._discovery)
        app.add_url_rule("/keys", view_func=lambda: jsonify({"keys": [self.key.as_dict(private=False)]}))
        app.add_url_rule("/token", view_func=self._token, methods=["POST"])
        return app

    def _discovery(self):
        return jsonify(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                **self.metadata,
            }
        )

    def _token(self):
        self.token_requests.append({**request.form})
        if request.authorization is None or request.authorization.password not in self.secrets:
            return jsonify({"error": "invalid_client"}), 401
        known = self.codes.pop(request.form["code"], None)
        if known is None or challenge_of(request.form.get("code_verifier", "")) != known["query"]["code_challenge"]:
            return jsonify({"error": "invalid_grant"}), 400
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": known["query"]["nonce"]}
        claims |= {"sub": "4711", "email": "ada@example.org", "email_verified": True, **known["claims"]}
        self.bend(claims)
        return jsonify({"access_token": secrets.token_hex(8), "token_type": "Bearer", "id_token": self.sign(claims)})


def challenge_of(verifier: str) -> str:
    """RFC 7636, 4.2."""
    import hashlib

    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def set_out(browser: Browser, purpose: str = "sign in", page: str = "/login", **fields: str) -> str:
    """Press the button; return the address the browser is sent to."""
    answer = browser.post("/auth/google", page=page, purpose=purpose, **fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def unsigned(claims: dict[str, Any]) -> str:
    """A token of the algorithm "none" (RFC 7519, 6)."""
    services = [json.dumps({"alg": "none"}), json.dumps(claims), ""]
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in services)


def signed_with_the_public_key(provider: Provider) -> Callable[[dict[str, Any]], str]:
    """HS256 with the public key as the shared secret, which a careless library takes."""
    return lambda claims: jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(provider.key.as_pem(private=False)))


def signed_with_another_key(header: dict[str, Any]) -> Callable[[dict[str, Any]], str]:
    """A good signature, of somebody else's key."""
    return lambda claims: jwt.encode({"alg": "RS256", **header}, claims, RSAKey.generate_key(2048, private=True))
