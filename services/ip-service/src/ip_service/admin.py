"""Who may erase addresses: the bearer of the admin token (RFC 6750)."""

from __future__ import annotations

import hmac
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from chassis import Forbidden, Unauthorized
from ip_service.settings import Settings

_bearer = HTTPBearer(auto_error=False, description="ADMIN_TOKEN")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def require_admin(request: Request, credentials: Credentials) -> None:
    """Let the bearer of the admin token pass.

    Raises:
        Unauthorized: without a token.
        Forbidden: with a wrong one, or when none is set.
    """
    settings: Settings = request.app.chassis.settings
    if settings.admin_token is None:
        raise Forbidden("No admin token is set, so nobody may do this.")
    if credentials is None:
        raise Unauthorized("This takes the admin token.", headers={"WWW-Authenticate": "Bearer"})
    given, expected = credentials.credentials, settings.admin_token.get_secret_value()
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise Forbidden("This is not the admin token.")
