"""From an Authorization header to who calls (RFC 6750)."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import wait

from chassis._chassis import Chassis
from chassis._identity import Identity, InvalidToken, TokenMissing, challenge
from chassis._problem import ServiceUnavailable, Unauthorized
from chassis.auth._claims import identify
from chassis.auth._issuer import Issuer
from chassis.auth._ring import KeyRing
from chassis.auth._signature import key_of, signed_claims

PATIENCE_SECONDS = 2.0  # that a request waits for the issuer
MAX_CHARACTERS = 16 * 1024  # a real token has 1 or 2 thousand; taking a long one apart takes long


class Authenticator:
    """Says whom the bearer token of a request speaks for.

    Args:
        chassis: of the service; its settings name the issuer and the audiences.
        issuer: URL of the OpenID provider, as its tokens name it.
        audiences: of which a token must name one.
    """

    def __init__(self, chassis: Chassis, issuer: str, audiences: tuple[str, ...]) -> None:
        self._realm = chassis.name
        self._issuer = issuer
        self._audiences = audiences
        self._ring = KeyRing(Issuer(chassis, issuer).read_keys)

    async def identify(self, authorization: str | None) -> Identity:
        """Whom the header speaks for; may wait for the issuer's keys.

        Args:
            authorization: the header, None for none.

        Raises:
            Unauthorized: without a valid token.
            ServiceUnavailable: when the issuer's keys were never read.
        """
        try:
            token = bearer_token(authorization)
            signer = key_of(token)
            if reading := self._ring.reading(*signer):
                await asyncio.wait({asyncio.wrap_future(reading)}, timeout=PATIENCE_SECONDS)
            return self._verify(token, *signer)
        except Unauthorized as refusal:
            raise challenge(self._realm, refusal) from None

    def identify_blocking(self, authorization: str | None) -> Identity:
        """The same in a thread."""
        try:
            token = bearer_token(authorization)
            signer = key_of(token)
            if reading := self._ring.reading(*signer):
                wait({reading}, timeout=PATIENCE_SECONDS)
            return self._verify(token, *signer)
        except Unauthorized as refusal:
            raise challenge(self._realm, refusal) from None

    def _verify(self, token: str, name: str | None, algorithm: str) -> Identity:
        key = self._ring.find(name, algorithm)
        if key is None and self._ring.is_empty:
            seconds = str(self._ring.seconds_to_rest())
            raise ServiceUnavailable("Nobody can be recognised just now.", headers={"Retry-After": seconds})
        if key is None:
            raise InvalidToken("The token is signed with an unknown key.")
        claims = signed_claims(token, key)
        return identify(claims, issuer=self._issuer, audiences=self._audiences, now=time.time())


def bearer_token(authorization: str | None) -> str:
    """The token of an Authorization header (RFC 6750 §2.1).

    Raises:
        TokenMissing: when there is none.
        InvalidToken: when it is far too long.
    """
    scheme, _, rest = (authorization or "").partition(" ")
    token = rest.strip()
    if scheme.lower() != "bearer" or not token:
        raise TokenMissing("This takes a bearer token.")
    if len(token) > MAX_CHARACTERS:
        raise InvalidToken("The token is too long.")
    return token
