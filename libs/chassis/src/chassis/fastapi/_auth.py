"""What a route asks of its caller, and how the OpenAPI document says so."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping
from typing import Any

from starlette.requests import Request

from chassis._identity import IDENTITY, Identity, grant
from chassis.openapi import problem_responses

SCHEME = "issuer"
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


def describe_security(
    document: Mapping[str, Any], issuer: str, open_routes: Collection[tuple[str, str]]
) -> dict[str, Any]:
    """The members of an OpenAPI document that tell how to say who calls (OpenAPI 3.1 §4.8.27).

    Args:
        document: without them.
        issuer: OpenID provider.
        open_routes: method and template of the routes that take everybody.
    """
    components = document.get("components", {})
    url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    scheme = {SCHEME: {"type": "openIdConnect", "openIdConnectUrl": url}}
    return {
        "security": [{SCHEME: []}],
        "components": {**components, "securitySchemes": {**components.get("securitySchemes", {}), **scheme}},
        "paths": {
            path: {
                method: _open(operation) if (method.upper(), path) in open_routes else _closed(operation)
                for method, operation in item.items()
            }
            for path, item in document["paths"].items()
        },
    }


def _open(operation: Mapping[str, Any]) -> dict[str, Any]:
    return {"security": [], **operation}


def _closed(operation: Mapping[str, Any]) -> dict[str, Any]:
    refusals = {str(status): answer for status, answer in problem_responses(401, 503).items()}
    return {**operation, "responses": {**refusals, **operation["responses"]}}
