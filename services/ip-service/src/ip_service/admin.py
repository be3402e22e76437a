"""Who may erase addresses: the bearer of the admin token, or of one with the admin's scope (RFC 6750)."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from chassis import Forbidden, Unauthorized
from chassis.fastapi import require_scope
from ip_service.settings import Settings

_bearer = HTTPBearer(
    auto_error=False, description="ADMIN_TOKEN, or a token of AUTH_ISSUER with the scope ADMIN_SCOPE"
)
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def require_admin(request: Request, credentials: Credentials) -> None:
    """Let the administrator pass.

    Raises:
        Unauthorized: without a token.
        Forbidden: with a wrong one, or when none is set.
    """
    settings: Settings = request.app.chassis.settings
    if settings.admin_token is not None and credentials is not None:
        expected = settings.admin_token.get_secret_value()
        if hmac.compare_digest(credentials.credentials.encode(), expected.encode()):
            return
    if request.app.chassis.auth is not None:
        await require_scope(settings.admin_scope)(request)
    else:
        _refuse(settings, credentials)


def _refuse(settings: Settings, credentials: Credentials) -> None:
    if settings.admin_token is None:
        raise Forbidden("No admin token is set, so nobody may do this.")
    if credentials is None:
        raise Unauthorized("This takes the admin token.", headers={"WWW-Authenticate": "Bearer"})
    raise Forbidden("This is not the admin token.")
