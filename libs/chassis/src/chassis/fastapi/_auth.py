"""What a route asks of its caller."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from starlette.requests import Request

from chassis._identity import IDENTITY, Identity, grant

ScopeCheck = Callable[[Request], Coroutine[Any, Any, Identity | None]]


def identity_of(request: Request) -> Identity | None:
    """Who calls; None when this service asks nobody."""
    caller = request.scope.get(IDENTITY)
    return caller if isinstance(caller, Identity) else None


def require_scope(scope: str) -> ScopeCheck:
    """A dependency that lets only callers with a scope pass, and says who they are.

    A service without `AUTH_ISSUER` asks nobody, and everybody passes.

    Args:
        scope: that the token must have (RFC 6749 §3.3).
    """

    async def check(request: Request) -> Identity | None:
        return grant(request.scope.get(IDENTITY), scope, request.app.chassis.name)

    return check
