"""Watching the store: one poller for the whole process, however many listen."""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncGenerator, Callable
from typing import TypeVar

import anyio.to_thread
from fastapi.sse import ServerSentEvent
from opentelemetry import context, trace

from chassis import StoreUnavailable, get_logger
from config_service.events import Entry, Place, progress_event, reset_event
from config_service.gate import Gate
from config_service.store import Store

T = TypeVar("T")

POLL_SECONDS = 0.2
PAUSE_SECONDS = 1.0  # after the store did not answer
PAGE = 200
RECENT_ENTRIES, RECENT_BYTES = 2000, 8 * 1024 * 1024
BACKLOG = 100_000  # revisions that a client may be behind
SILENCE = 1000  # entries of no interest after which a client's place is moved on

_UNTRACED = trace.NonRecordingSpan(trace.SpanContext(1, 1, is_remote=False))


class Hub:
    """Reads the changes once, keeps the latest in memory, and wakes who waits for them.

    Args:
        store: of the documents; any replica may write to it.
        gate: before the database.
    """

    def __init__(self, store: Store, gate: Gate) -> None:
        self._store = store
        self._gate = gate
        self._recent: list[Entry] = []
        self._start = self._end = Place(0)  # all entries between them are the recent ones
        self._listeners = 0
        self._wanted = asyncio.Event()
        self._moved = asyncio.Event()

    async def run(self) -> None:
        """Poll while someone listens, until cancelled."""
        context.attach(trace.set_span_in_context(_UNTRACED))  # nobody looks for five traces a second
        log = get_logger("watch")
        while True:
            await self._wanted.wait()
            try:
                pause = 0.0 if await self._poll() else POLL_SECONDS
            except StoreUnavailable:
                log.warning("poll_failed")
                pause = PAUSE_SECONDS
            await asyncio.sleep(pause)

    async def last(self) -> Place:
        """Return the place after everything that was written so far.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return Place(await self._ask(self._store.last_revision))

    async def follow(self, place: Place, last: Place, prefix: str) -> AsyncGenerator[ServerSentEvent, None]:
        """Give the events after a place, for names that begin with `prefix`; ends when the store is away.

        Args:
            place: after which.
            last: where the store is now.
            prefix: of the names of the documents.
        """
        if not last.revision - BACKLOG <= place.revision <= last.revision:
            yield reset_event(last.revision)
            place = last
        elif place == last:
            yield progress_event(place)  # from here it can resume, even before the first event
        self._join(last)
        try:
            sent = place
            while True:
                for entry in await self._after(place):
                    place = entry.place
                    if entry.name.startswith(prefix):
                        sent = place
                        yield entry.event
                if place.revision > sent.revision + SILENCE:
                    sent = place
                    yield progress_event(place)
        except StoreUnavailable:
            return
        finally:
            self._leave()

    async def _after(self, place: Place) -> list[Entry]:
        """The entries that follow a place, once there are any."""
        while place >= self._end:
            await self._moved.wait()
        if place >= self._start:
            return self._recent[bisect_right(self._recent, place, key=lambda entry: entry.place) :]
        return await self._ask(lambda: self._store.entries_after(place, limit=PAGE))

    async def _poll(self) -> bool:
        """Read on; say whether more may be there."""
        found = await self._ask(lambda: self._store.entries_after(self._end, limit=PAGE))
        if found:
            self._recent += found
            self._end = found[-1].place
            self._forget()
            moved, self._moved = self._moved, asyncio.Event()
            moved.set()
        return len(found) == PAGE

    def _forget(self) -> None:
        size, keep = 0, len(self._recent)
        while keep and size < RECENT_BYTES and len(self._recent) - keep < RECENT_ENTRIES:
            keep -= 1
            size += self._recent[keep].size
        if keep:
            self._start = self._recent[keep - 1].place
            del self._recent[:keep]

    def _join(self, last: Place) -> None:
        if not self._listeners:
            self._recent, self._start, self._end = [], last, last
        self._listeners += 1
        self._wanted.set()

    def _leave(self) -> None:
        self._listeners -= 1
        if not self._listeners:
            self._wanted.clear()

    async def _ask(self, question: Callable[[], T]) -> T:
        async with self._gate:
            return await anyio.to_thread.run_sync(question)
