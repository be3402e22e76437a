"""Signed tokens: PyJWT takes them apart, PyCryptodome checks the signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NoReturn

from jwt import InvalidAlgorithmError, InvalidSignatureError, PyJWS
from jwt import InvalidTokenError as MalformedToken
from jwt.algorithms import Algorithm

from chassis._identity import InvalidToken
from chassis._json import parse_json
from chassis._problem import BadRequest
from chassis.auth._keys import CHECKS, Key

REMEMBERED = 512  # tokens, of 1 or 2 KB each, whose signature was right
_TYPES = ("jwt", "at+jwt", "application/at+jwt")


class Verification(Algorithm):
    """An algorithm that only checks signatures, as PyJWT wants it.

    Args:
        check: raises ValueError for a signature that does not fit.
    """

    def __init__(self, check: Callable[[Any, bytes, bytes], None]) -> None:
        self._check = check

    def prepare_key(self, key: Any) -> Any:
        """The key as it is."""
        return key

    def verify(self, msg: bytes, key: Any, sig: bytes) -> bool:
        """Whether `key` made the signature."""
        try:
            self._check(key, msg, sig)
        except ValueError:
            return False
        return True

    def sign(self, msg: bytes, key: Any) -> NoReturn:
        """Nothing is signed here."""
        raise NotImplementedError

    @staticmethod
    def to_jwk(key_obj: Any, as_dict: bool = False) -> NoReturn:
        """No key leaves."""
        raise NotImplementedError

    @staticmethod
    def from_jwk(jwk: Any) -> NoReturn:
        """Keys are read by `usable_keys`."""
        raise NotImplementedError


def _make_jws() -> PyJWS:
    jws = PyJWS(algorithms=[])
    for name, check in CHECKS.items():
        jws.register_algorithm(name, Verification(check))
    return jws


_jws = _make_jws()


def key_of(token: str) -> tuple[str | None, str]:
    """Name of the key and the algorithm that a token claims (RFC 7515 §4.1); nothing is proven yet.

    Raises:
        InvalidToken: when it is no signed token of a known kind (RFC 8725 §3.1, §3.11).
    """
    try:
        header = _jws.get_unverified_header(token)
    except MalformedToken:
        raise InvalidToken("The token is malformed.") from None
    algorithm, kind = header.get("alg"), header.get("typ", "JWT")
    if not isinstance(algorithm, str) or algorithm not in CHECKS:
        raise InvalidToken(f"The token is not signed with one of {', '.join(CHECKS)}.")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise InvalidToken("This kind of token is not taken.")
    return header.get("kid"), algorithm


@lru_cache(maxsize=REMEMBERED)
def signed_claims(token: str, key: Key) -> Mapping[str, Any]:
    """What a token says, when `key` signed it (RFC 7515 §5.2); remembered, since clients come again.

    Raises:
        InvalidToken: when it did not.
    """
    try:
        decoded = _jws.decode_complete(token, key.public, algorithms=[key.algorithm])  # type: ignore[arg-type]  # PyJWT names cryptography's keys only
        claims = parse_json(decoded["payload"])
    except (InvalidSignatureError, InvalidAlgorithmError):
        raise InvalidToken("The token's signature is wrong.") from None
    except (MalformedToken, BadRequest):
        raise InvalidToken("The token is malformed.") from None
    if not isinstance(claims, dict):
        raise InvalidToken("The token is malformed.")
    return MappingProxyType(claims)
