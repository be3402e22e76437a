"""Server-sent events that end when the client leaves or the service stops (HTML Living Standard §9.2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, TypeVar

from fastapi.sse import KEEPALIVE_COMMENT, ServerSentEvent, format_sse_event
from pydantic import BaseModel
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from chassis._chassis import Chassis
from chassis._json import dump_json

HEARTBEAT_SECONDS = 15.0
Events = AsyncGenerator[ServerSentEvent, None]
T = TypeVar("T")


class EventStream(Response):
    """A response that sends events as they come.

    FastAPI's `EventSourceResponse` does not know of a drain: an idle stream of it holds the
    service until the server cuts it off.

    Args:
        chassis: of the service; its `health.closing` ends the stream.
        events: closed when the stream ends, for whatever reason; tidying goes into its `finally`.
        heartbeat: seconds of silence after which a comment keeps the connection in proxies' favour.
        status_code: what FastAPI describes in the API's document.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        chassis: Chassis,
        events: Events,
        *,
        heartbeat: float = HEARTBEAT_SECONDS,
        status_code: int = 200,
    ) -> None:
        super().__init__(
            status_code=status_code, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        )
        del self.headers["content-length"]
        self._closing = chassis.health.closing
        self._events = events
        self._heartbeat = heartbeat

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until one side has enough; HEAD gets the headers only."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        try:
            if not scope.get("chassis.head"):
                await self._stream(receive, send)
        finally:
            await self._events.aclose()
        await send({"type": "http.response.body", "body": b""})

    async def _stream(self, receive: Receive, send: Send) -> None:
        over: set[asyncio.Task[Any]] = {
            asyncio.create_task(self._closing.wait()),
            asyncio.create_task(_disconnected(receive)),
        }
        upcoming = _next(self._events)
        try:
            while True:
                await asyncio.wait({upcoming, *over}, timeout=self._heartbeat, return_when="FIRST_COMPLETED")
                if any(task.done() for task in over):
                    return
                frame = KEEPALIVE_COMMENT
                if upcoming.done():
                    if (event := upcoming.result()) is None:
                        return
                    frame, upcoming = _encode(event), _next(self._events)
                await send({"type": "http.response.body", "body": frame, "more_body": True})
        finally:
            for task in (upcoming, *over):
                task.cancel()
            await asyncio.wait({upcoming, *over})


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _next(events: AsyncIterator[T]) -> asyncio.Task[T | None]:
    async def pull() -> T | None:
        return await anext(events, None)

    return asyncio.create_task(pull())


def _encode(event: ServerSentEvent) -> bytes:
    text = event.raw_data
    if event.data is not None:
        data = event.data.model_dump(mode="json") if isinstance(event.data, BaseModel) else event.data
        text = dump_json(data).decode()
    return format_sse_event(
        data_str=text, event=event.event, id=event.id, retry=event.retry, comment=event.comment
    )
