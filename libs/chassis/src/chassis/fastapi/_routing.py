"""Routes: strict JSON bodies, and what the edge asks of the routing table."""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Any

import fastapi
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import compile_path

from chassis._json import parse_json
from chassis._media_type import parse_media_type
from chassis._problem import BadRequest, FieldError, Problem, UnprocessableContent, UnsupportedMediaType
from chassis.asgi import Routes

_ACCEPT_HEADER = {"POST": "Accept-Post", "PATCH": "Accept-Patch"}


class StrictRequest(Request):
    """A request whose JSON is read strictly."""

    async def json(self) -> Any:
        """The body's value.

        Raises:
            BadRequest: when it is no strict JSON.
        """
        return parse_json(await self.body())


class StrictRoute(APIRoute):
    """A route that checks media type and JSON before FastAPI sees the body.

    The media types are those of the route's `openapi_extra` request body, else `application/json`.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        options["summary"] = options.get("summary") or summary_of(endpoint)
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler that Starlette calls."""
        handler = super().get_route_handler()
        if self.body_field is None:
            return handler
        content = (self.openapi_extra or {}).get("requestBody", {}).get("content", {"application/json": {}})
        accepted = tuple(content)

        async def strict(request: Request) -> Response:
            check_media_type(request, accepted)
            return await handler(StrictRequest(request.scope, request.receive))

        return strict


class Router(fastapi.APIRouter):
    """A router of strict routes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"route_class": StrictRoute, "redirect_slashes": False, **options})


def summary_of(endpoint: Callable[..., Any]) -> str | None:
    """The first line of a handler's docstring, as the OpenAPI document shows it."""
    lines = (endpoint.__doc__ or "").strip().splitlines()
    return lines[0].rstrip(".") if lines else None


def check_media_type(request: Request, accepted: tuple[str, ...]) -> str:
    """The request's media type, one of `accepted`.

    Raises:
        BadRequest: without a body.
        UnsupportedMediaType: with another type, or none; it says which ones are taken.
    """
    headers = request.headers
    if "transfer-encoding" not in headers and headers.get("content-length", "0") == "0":
        raise BadRequest("The request has no body.")
    given = parse_media_type(headers.get("content-type", ""))
    if given is not None and given.essence in accepted:
        return given.essence
    named = _ACCEPT_HEADER.get(request.method)
    raise UnsupportedMediaType(
        f"The body must be {' or '.join(accepted)}.", headers={named: ", ".join(accepted)} if named else {}
    )


class RoutingTable(Routes):
    """The routes of one FastAPI application.

    Args:
        app: asked once, at the first need, since routes are added after it was made.
    """

    def __init__(self, app: fastapi.FastAPI) -> None:
        super().__init__()
        self._app = app
        self._known: list[tuple[re.Pattern[str], str, set[str]]] = []

    def find(self, path: str) -> tuple[str, set[str]] | None:
        """Template and methods of a path, or None when it is unknown."""
        self._known = self._known or self._list()
        template, methods = None, set()
        for pattern, known, allowed in self._known:
            if pattern.match(path) and template in (None, known):
                template = known
                methods |= allowed
        return (template, methods) if template is not None else None

    def _list(self) -> list[tuple[re.Pattern[str], str, set[str]]]:
        return [
            (compile_path(path)[0], path, set(context.methods or ()))
            for context in iter_route_contexts(self._app.routes)
            if (path := context.path)
        ]


def to_problem(error: Exception) -> Problem | None:
    """The problem that one of the framework's own errors means; None for an unexpected error."""
    if isinstance(error, RequestValidationError):
        return UnprocessableContent(
            "The request breaks the schema.", errors=[_field_error(fault) for fault in error.errors()]
        )
    if isinstance(error, HTTPException):
        if isinstance(error.__cause__, Problem):
            return error.__cause__
        phrase = error.detail if error.status_code not in (404, 405) else None
        return Problem.of_status(error.status_code, phrase, headers=error.headers)
    return None


def _field_error(fault: dict[str, Any]) -> FieldError:
    place, *steps = fault["loc"]
    if place == "body":
        pointer = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
        return FieldError(pointer, fault["msg"])
    return FieldError("", f"{place} parameter {steps[0]}: {fault['msg']}")  # the rest is pydantic's
