"""Who calls, and what it says to a caller who may not (RFC 6750 §3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis._problem import Forbidden, Problem, Unauthorized

IDENTITY = "chassis.identity"  # where the adapters keep it: a key of the ASGI scope and the WSGI environ


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a valid token speaks for.

    Arguments:
        subject: the user, or the program that calls for itself.
        client: the program that the token was issued to, if it says so.
        scopes: what the token allows (RFC 6749 §3.3).
        groups: Cognito's groups and Keycloak's realm roles of the user.
        claims: all that the token says (RFC 7519 §4).
    """

    subject: str
    client: str | None
    scopes: frozenset[str]
    groups: frozenset[str]
    claims: Mapping[str, Any]


class TokenMissing(Unauthorized):
    """No bearer token came with the request."""


class InvalidToken(Unauthorized):
    """The token is malformed, forged, expired, or meant for somebody else."""


class InsufficientScope(Forbidden):
    """The token is valid and does not allow this."""


Caller = Identity | Problem | None
Refusal = Unauthorized | Forbidden


def challenge(realm: str, refusal: Refusal, *, scope: str | None = None) -> Refusal:
    """Give a refusal its `WWW-Authenticate` header (RFC 6750 §3).

    Arguments:
        realm: the service's name.
        refusal: 401 or 403; one for a missing token says nothing of an error (§3.1).
        scope: that would have been enough.
    """
    parameters = {"realm": realm}
    if isinstance(refusal, InvalidToken):
        parameters |= {"error": "invalid_token", "error_description": str(refusal)}
    elif isinstance(refusal, InsufficientScope):
        parameters |= {"error": "insufficient_scope", "error_description": str(refusal)}
    if scope is not None:
        parameters["scope"] = scope
    listed = ", ".join(f'{name}="{value}"' for name, value in parameters.items())
    refusal.headers = {**refusal.headers, "WWW-Authenticate": f"Bearer {listed}"}
    return refusal


def grant(caller: Caller, scope: str, realm: str) -> Identity | None:
    """The caller, who has a scope; None when this service asks nobody who calls.

    Raises:
        Problem: what was wrong with the caller's token.
        InsufficientScope: when the token does not have the scope.
    """
    if caller is None or (isinstance(caller, Identity) and scope in caller.scopes):
        return caller
    if isinstance(caller, Problem):
        raise caller
    raise challenge(realm, InsufficientScope(f"This takes the scope {scope}."), scope=scope)
