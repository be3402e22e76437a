"""The issuer's public keys, and signatures that they made."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from Crypto.Hash import SHA256
from Crypto.PublicKey import ECC, RSA
from Crypto.PublicKey.ECC import EccKey
from Crypto.PublicKey.RSA import RsaKey
from Crypto.Signature import DSS, eddsa, pkcs1_15

RSA_BITS = range(2048, 8193)  # RFC 7518 §3.3; what is longer takes long to check
_ALGORITHM = {("RSA", ""): "RS256", ("EC", "P-256"): "ES256", ("OKP", "Ed25519"): "EdDSA"}
Jwk = Mapping[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """A public key of the issuer; one that is read again is another one.

    Arguments:
        id: its name in tokens (`kid`).
        algorithm: the one that it is used with.
        public: the key itself.
    """

    id: str | None
    algorithm: str
    public: RsaKey | EccKey


def usable_keys(document: Mapping[str, Any]) -> list[Key]:
    """The keys of a JWK Set that sign tokens; others are left out (RFC 7517 §5)."""
    listed = document.get("keys")
    found = (_usable_key(entry) for entry in listed) if isinstance(listed, list) else ()
    return [key for key in found if key is not None]


def _usable_key(jwk: object) -> Key | None:
    if not isinstance(jwk, dict):
        return None
    algorithm = _ALGORITHM.get((_text(jwk, "kty"), _text(jwk, "crv")))
    if algorithm is None or jwk.get("alg", algorithm) != algorithm or jwk.get("use", "sig") != "sig":
        return None
    try:
        public = _READERS[algorithm](jwk)
    except (ValueError, binascii.Error):
        return None
    return Key(_text(jwk, "kid") or None, algorithm, public)


def _text(jwk: Jwk, name: str) -> str:
    value = jwk.get(name)
    return value if isinstance(value, str) else ""


def _bytes(jwk: Jwk, name: str) -> bytes:
    encoded = _text(jwk, name)
    return urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


def _number(jwk: Jwk, name: str) -> int:
    return int.from_bytes(_bytes(jwk, name))


def _rsa_key(jwk: Jwk) -> RsaKey:
    key = RSA.construct((_number(jwk, "n"), _number(jwk, "e")))
    if key.size_in_bits() not in RSA_BITS:
        raise ValueError("the key is too short or too long")
    return key


def _p256_key(jwk: Jwk) -> EccKey:
    return ECC.construct(curve="P-256", point_x=_number(jwk, "x"), point_y=_number(jwk, "y"))


def _ed25519_key(jwk: Jwk) -> EccKey:
    return eddsa.import_public_key(_bytes(jwk, "x"))


_READERS: dict[str, Callable[[Jwk], RsaKey | EccKey]] = {
    "RS256": _rsa_key,
    "ES256": _p256_key,
    "EdDSA": _ed25519_key,
}


def _check_rs256(key: Any, message: bytes, signature: bytes) -> None:
    pkcs1_15.new(key).verify(SHA256.new(message), signature)


def _check_es256(key: Any, message: bytes, signature: bytes) -> None:
    DSS.new(key, "fips-186-3").verify(SHA256.new(message), signature)


def _check_eddsa(key: Any, message: bytes, signature: bytes) -> None:
    eddsa.new(key, "rfc8032").verify(message, signature)


# RFC 7518 §3.3 and §3.4, RFC 8037 §3.1; each raises ValueError for a signature that does not fit
CHECKS = {"RS256": _check_rs256, "ES256": _check_es256, "EdDSA": _check_eddsa}
