"""What each request brings and gets: its caller, and what is left of the caller's limit."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

from chassis import Problem, ServiceUnavailable
from ip_service.geo import Geo
from ip_service.quota import Quota, raw_headers
from ip_service.store import Store

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


def store_of(request: Request) -> Store:
    """The store that the lifespan made."""
    store: Store = request.scope["state"]["store"]
    return store


def geo_of(request: Request) -> Geo:
    """The databases that the lifespan opened."""
    geo: Geo = request.scope["state"]["geo"]
    return geo


def caller_of(request: Request) -> str:
    """The caller's address; empty when it has none."""
    client: tuple[str, int] | None = request.scope["client"]
    return client[0] if client else ""


def accept_of(request: Request) -> str | None:
    """The Accept header, its lines joined."""
    lines = [value for name, value in request.scope["headers"] if name == b"accept"]
    return b",".join(lines).decode("latin-1") if lines else None


def keep(request: Request, quota: Quota) -> None:
    """Note what is left, for the headers of whatever is answered.

    Raises:
        QuotaExceeded: when nothing is.
    """
    request.scope["state"]["quota"] = quota
    quota.check()


def limited(endpoint: Endpoint) -> Endpoint:
    """Announce the limit on each answer, and count the requests that the endpoint refused before it did."""

    @wraps(endpoint)
    async def announce(request: Request) -> Response:
        try:
            response = await endpoint(request)
        except ServiceUnavailable:
            raise
        except (Problem, RequestValidationError):
            if "quota" not in request.scope["state"]:
                keep(request, await store_of(request).count(caller_of(request)))
            raise
        response.raw_headers.extend(raw_headers(request.scope["state"]["quota"]))
        return response

    return announce


def announce_limit(request: Request, problem: Problem) -> None:
    """Add the limit's headers to a problem, which the chassis then renders."""
    if quota := request.scope.get("state", {}).get("quota"):
        problem.headers = {**problem.headers, **quota.headers}
