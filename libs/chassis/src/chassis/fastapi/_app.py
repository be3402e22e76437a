"""A FastAPI application on the chassis."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from typing import Any

import fastapi
from fastapi.middleware.asyncexitstack import AsyncExitStackMiddleware
from opentelemetry.sdk.trace.export import SpanExporter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis._body_limits import BodyLimits
from chassis._chassis import Chassis
from chassis._conditional import etag_of, none_match
from chassis._docs import render_docs
from chassis._json import dump_json
from chassis._settings import ServiceSettings
from chassis.asgi import Endpoint, RenderError, make_edge
from chassis.fastapi._auth import describe_security
from chassis.fastapi._openapi import complete
from chassis.fastapi._routing import RoutingTable, summary_of, to_problem

MAX_BODY = 64 * 1024


class App(fastapi.FastAPI):
    """FastAPI with the chassis' edge instead of Starlette's outer middleware.

    Attributes:
        chassis: settings, registry, health and tracing of this service.
    """

    def __init__(
        self,
        chassis: Chassis,
        *,
        limits: BodyLimits,
        render_error: RenderError | None,
        open_routes: Collection[tuple[str, str]],
        **options: Any,
    ) -> None:
        super().__init__(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, **options)
        self.chassis = chassis
        self._table = RoutingTable(self)
        self._open_routes = open_routes
        inside: ASGIApp = AsyncExitStackMiddleware(self.router)
        self._edge = make_edge(
            inside,
            chassis,
            self._table,
            open_routes=open_routes,
            limits=limits,
            to_problem=to_problem,
            render_error=render_error,
        )
        self.plain_route("/openapi.json", self._document, include_in_schema=False)
        self.plain_route("/docs", self._docs, include_in_schema=False)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
        """Serve; the edge does what FastAPI's and Starlette's outer layers would, in less time."""
        scope["app"] = self
        return self._edge(scope, receive, send)

    def include_router(self, router: fastapi.APIRouter, **options: Any) -> None:
        """Add a router's routes.

        Without options they are taken over as they are: FastAPI would build each of them anew for every
        application, at the first request.
        """
        if options:
            super().include_router(router, **options)
        else:
            self.router.routes.extend(router.routes)

    def plain_route(
        self, path: str, endpoint: Endpoint, *, methods: Sequence[str] = ("GET",), **openapi: Any
    ) -> None:
        """Serve a fixed path without FastAPI's dependencies and validation, for speed.

        The route stays in the OpenAPI document, as far as `openapi` describes it.

        Args:
            path: without parameters.
            endpoint: takes the request, returns the response.
            methods: that it serves; HEAD comes with GET.
            openapi: arguments of `add_api_route`, such as `responses` and `openapi_extra`.
        """
        for method in methods:
            self._table.plain[(method, path)] = (path, endpoint)
        options = {
            "response_class": Response,
            "response_model": None,
            "summary": summary_of(endpoint),
            **openapi,
        }
        self.add_api_route(path, endpoint, methods=list(methods), **options)

    def add_live_probe(self, path: str, body: str) -> None:
        """Answer `path` as `/livez`, with a body of its own."""
        self._edge.probes.add_live(path, body.encode())

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document, made once."""
        if not self.openapi_schema:
            document = super().openapi()
            if issuer := self.chassis.settings.auth_issuer:
                document |= describe_security(document, issuer, self._open_routes)
            self.openapi_schema = complete(document)
        return self.openapi_schema

    async def _document(self, request: Request) -> Response:
        """The OpenAPI document, with the public prefix as its server."""
        prefix = request.scope["root_path"]
        body = dump_json({**self.openapi(), "servers": [{"url": prefix or "/"}]})
        headers = {"ETag": etag_of(body), "Cache-Control": "public, max-age=60"}
        if none_match(request.headers.get("if-none-match"), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="application/json")

    async def _docs(self, request: Request) -> Response:
        """The API as a page."""
        page = render_docs(self.openapi(), request.scope["root_path"])
        return Response(page.content, headers=page.headers)


def create_app(
    settings: ServiceSettings,
    *,
    name: str,
    lifespan: Callable[[App], Any] | None = None,
    description: str = "",
    max_body: int = MAX_BODY,
    body_limits: Mapping[str, int] | None = None,
    render_error: RenderError | None = None,
    open_routes: Collection[tuple[str, str]] = (),
    exporter: SpanExporter | None = None,
) -> App:
    """Make an application that keeps the platform contract.

    Args:
        settings: the service's.
        name: its distribution name; title and version of the API come from it.
        lifespan: async context manager around the app's life; may yield a state mapping.
        description: of the API, Markdown.
        max_body: bytes that a request body may have.
        body_limits: the same for single paths.
        render_error: a service's own answer to some problems; returns None for the usual one.
        open_routes: method and template of the routes that decide themselves whom they serve, where
            all others ask for a token.
        exporter: span exporter instead of the configured one; for tests.
    """
    chassis = Chassis(settings, name=name, exporter=exporter)
    return App(
        chassis,
        limits=BodyLimits(max_body, body_limits or {}),
        render_error=render_error,
        open_routes=open_routes,
        title=name,
        version=chassis.version,
        description=description,
        lifespan=lifespan,
    )
