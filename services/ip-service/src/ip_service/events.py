"""New addresses as they come, told to everyone who listens."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from weakref import WeakSet

from fastapi.sse import ServerSentEvent

from chassis import StoreUnavailable
from ip_service.store import EventId, NewAddress, Store

WAITING = 1000
RETRY_SECONDS = 1.0

Queue = asyncio.Queue[NewAddress | None]
Events = AsyncGenerator[ServerSentEvent, None]


class Feed:
    """Reads the store's events once for the whole process, while anyone listens.

    Args:
        store: that has the last thousand of them.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._position: EventId | None = None
        # Held by their streams alone: one that never began to run leaves nothing behind either.
        self._listeners: WeakSet[Queue] = WeakSet()
        self._wanted = asyncio.Event()

    async def listen(self, after: EventId | None) -> Events:
        """The events after one, or from now on. A listener that is too slow is dropped, and may resume.

        Raises:
            StoreUnavailable: when the store cannot say what came before.
        """
        last = after or await self._store.last_event_id()
        self._position = until = self._position or last
        queue: Queue = asyncio.Queue(WAITING)
        self._listeners.add(queue)
        self._wanted.set()
        return _relay(queue, await self._store.events_between(last, until), last)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Within it, listeners hear something."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()

    async def _run(self) -> None:
        while await self._wanted.wait():
            if self._listeners:
                await self._read()
            else:
                self._wanted.clear()

    async def _read(self) -> None:
        assert self._position is not None  # noqa: S101 the first listener set it
        try:
            events = await self._store.wait_for_events(self._position)
        except StoreUnavailable:
            await asyncio.sleep(RETRY_SECONDS)
            return
        for event in events:
            self._position = event.id
            self._tell(event)

    def _tell(self, event: NewAddress) -> None:
        for queue in tuple(self._listeners):
            if queue.full():
                self._listeners.discard(queue)
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(event)


async def _relay(queue: Queue, missed: Sequence[NewAddress], last: EventId) -> Events:
    for event in missed:
        last = event.id
        yield _encode(event)
    while (new := await queue.get()) is not None:
        if new.id > last:
            yield _encode(new)


def _encode(event: NewAddress) -> ServerSentEvent:
    seen = dt.datetime.fromtimestamp(event.id.milliseconds / 1000, dt.UTC)
    data = {"ip": event.address, "first_seen": seen.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    return ServerSentEvent(data=data, event="address", id=str(event.id))
