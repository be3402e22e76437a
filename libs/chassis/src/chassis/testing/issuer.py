"""A real OpenID provider for tests; needs joserfc, which the rest of `chassis.testing` does not."""

from __future__ import annotations

import json
import secrets
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from chassis.testing._processes import free_port

AUDIENCE = "service-under-test"


def make_key(algorithm: str = "RS256", **members: str) -> Key:
    """A new private key with a random name.

    Args:
        algorithm: `RS256`, `ES256` or `EdDSA`.
        members: further members of its JWK (RFC 7517 §4).
    """
    named: Any = {"kid": secrets.token_hex(8), "use": "sig", "alg": algorithm, **members}
    if algorithm == "RS256":
        return RSAKey.generate_key(2048, named)
    if algorithm == "ES256":
        return ECKey.generate_key("P-256", named)
    return OKPKey.generate_key("Ed25519", named)


class Issuer:
    """Publishes its configuration and keys on loopback, and signs tokens with them.

    Args:
        key: that signs; None makes one.

    Attributes:
        url: that names it.
        keys: those that it publishes, the one that signs first.
        configuration: what `/.well-known/openid-configuration` answers.
        asked: paths of the requests that came in.
    """

    def __init__(self, key: Key | None = None) -> None:
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}/realms/test"
        self.keys = [key or make_key()]
        self.configuration: dict[str, Any] = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        self.asked: list[str] = []
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Begin to answer."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), self._handler())
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Refuse connections from now on; the keys stay the same."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def rotate(self, algorithm: str = "RS256") -> None:
        """Sign with a new key, and withdraw the others."""
        self.keys = [make_key(algorithm)]

    def token(self, *, key: Key | None = None, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """Sign a token that is good for five minutes.

        Args:
            key: that signs, by default the issuer's own.
            header: further header parameters; None leaves one out.
            claims: beside or instead of the usual ones; None leaves one out.
        """
        key = key or self.keys[0]
        algorithm = str(key.get("alg"))
        now = int(time.time())
        usual = {"iss": self.url, "aud": AUDIENCE, "sub": "alice", "iat": now, "exp": now + 300}
        said = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        named = {"alg": algorithm, "kid": key.kid, **(header or {})}
        marked = {name: value for name, value in named.items() if value is not None}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SecurityWarning)  # RFC 9864 renamed EdDSA; issuers have not yet
            return jwt.encode(marked, said, key, algorithms=[algorithm])

    def answer(self, path: str) -> dict[str, Any] | None:
        """What is published at a path."""
        if path == "/realms/test/.well-known/openid-configuration":
            return self.configuration
        if path == "/realms/test/keys":
            return {"keys": [key.as_dict(private=False) for key in self.keys]}
        return None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked.append(self.path)
                document = issuer.answer(self.path)
                body = json.dumps(document).encode()
                self.send_response(404 if document is None else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


@contextmanager
def running_issuer(key: Key | None = None) -> Iterator[Issuer]:
    """Run an OpenID provider in this process.

    Args:
        key: that signs its tokens; None makes one, which takes a while for RSA.
    """
    issuer = Issuer(key)
    issuer.start()
    try:
        yield issuer
    finally:
        issuer.stop()
