"""A bulkhead: so many calls at once, so that a slow dependency cannot fill the service."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from shout_service.errors import BulkheadFull


class Bulkhead:
    """Slots for calls.

    Arguments:
        slots: calls at once.
        max_wait: seconds that another call waits for a slot.
        on_change: told the number of slots in use.
    """

    def __init__(
        self, slots: int, max_wait: float, on_change: Callable[[int], None] = lambda _: None
    ) -> None:
        self._slots = asyncio.Semaphore(slots)
        self._max_wait = max_wait
        self._on_change = on_change
        self._in_use = 0

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Hold a slot.

        Raises:
            BulkheadFull: none came free in time.
        """
        await self._take()
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)
            self._slots.release()

    def _count(self, change: int) -> None:
        self._in_use += change
        self._on_change(self._in_use)

    async def _take(self) -> None:
        try:
            async with asyncio.timeout(self._max_wait):
                await self._slots.acquire()
        except TimeoutError as exc:
            raise BulkheadFull("Too many texts are being shouted already.") from exc
