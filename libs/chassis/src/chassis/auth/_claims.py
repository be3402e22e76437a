"""What a token must say, and whom it then speaks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chassis._identity import Identity, InvalidToken

LEEWAY_SECONDS = 60  # by which the issuer's clock and ours may differ (RFC 7519 §4.1.4)
Claims = Mapping[str, Any]


def identify(claims: Claims, *, issuer: str, audiences: tuple[str, ...], now: float) -> Identity:
    """Check the claims of a token whose signature is right (RFC 7519 §4.1, RFC 9068 §4).

    Args:
        claims: of the token.
        issuer: who must have made it.
        audiences: for one of which it must be meant.
        now: seconds since the epoch.

    Raises:
        InvalidToken: when one does not hold.
    """
    if claims.get("iss") != issuer:
        raise InvalidToken("The token is of another issuer.")
    _check_times(claims, now)
    _check_kind(claims)
    if not _audiences(claims) & set(audiences):
        raise InvalidToken("The token is meant for another service.")
    return _identity(claims)


def _check_times(claims: Claims, now: float) -> None:
    expires = _time(claims, "exp")
    if expires is None:
        raise InvalidToken("The token never expires.")
    if expires + LEEWAY_SECONDS <= now:
        raise InvalidToken("The token has expired.")
    for name in ("nbf", "iat"):
        begins = _time(claims, name)
        if begins is not None and begins - LEEWAY_SECONDS > now:
            raise InvalidToken("The token is not valid yet.")


def _check_kind(claims: Claims) -> None:
    """Take access tokens only: Cognito's other ones have another `token_use`, Keycloak's another `typ`."""
    if claims.get("token_use", "access") != "access" or claims.get("typ", "Bearer") != "Bearer":
        raise InvalidToken("This is no access token.")


def _audiences(claims: Claims) -> set[str]:
    """Whom the token is meant for; the program it was issued to when it names none, as Cognito's."""
    if "aud" in claims:
        named = claims["aud"]
        return set(_texts([named] if isinstance(named, str) else named))
    return set(_texts([claims.get("client_id") or claims.get("azp")]))


def _identity(claims: Claims) -> Identity:
    client = next(_texts([claims.get("client_id"), claims.get("azp")]), None)
    subject = claims.get("sub", client)
    if not isinstance(subject, str) or not subject:
        raise InvalidToken("The token says nothing of its subject.")
    scopes = claims.get("scope")
    realm = claims.get("realm_access")
    roles = realm.get("roles") if isinstance(realm, dict) else None
    return Identity(
        subject=subject,
        client=client,
        scopes=frozenset(scopes.split()) if isinstance(scopes, str) else frozenset(),
        groups=frozenset((*_texts(claims.get("cognito:groups")), *_texts(roles))),
        claims=claims,
    )


def _time(claims: Claims, name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InvalidToken(f"The token's {name} is no number.")
    return value


def _texts(value: object) -> Iterator[str]:
    return (text for text in value if isinstance(text, str)) if isinstance(value, list) else iter(())
