"""Applications in the test's own process."""

from __future__ import annotations

from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from starlette.types import Receive, Scope, Send

from chassis._chassis import Chassis


class SpanRecorder(SpanProcessor):
    """Keeps the spans that a service ends.

    Args:
        chassis: of the service.
    """

    def __init__(self, chassis: Chassis) -> None:
        self.spans: list[ReadableSpan] = []
        chassis.tracing.processor.add(self)

    def on_end(self, span: ReadableSpan) -> None:
        """Keep one."""
        self.spans.append(span)

    def named(self, name: str) -> ReadableSpan:
        """The one span of that name."""
        (span,) = [span for span in self.spans if span.name == name]
        return span


@asynccontextmanager
async def run_app(
    app: Any, *, client: tuple[str, int] = ("127.0.0.1", 50000)
) -> AsyncIterator[httpx.AsyncClient]:
    """Run the lifespan of an ASGI application and give a client that calls it directly.

    Errors that the application does not handle are answered as a server would, not raised.

    Args:
        app: FastAPI or other Starlette application.
        client: address and port of the peer that the application sees.
    """
    async with app.router.lifespan_context(app) as state:
        transport = httpx.ASGITransport(
            _WithState(app, state or {}), raise_app_exceptions=False, client=client
        )
        async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as http:
            yield http


class _WithState:
    """Puts the lifespan's state into each request, as a server does."""

    def __init__(self, app: Any, state: MutableMapping[str, Any]) -> None:
        self._app = app
        self._state = state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "state": dict(self._state)}, receive, send)
