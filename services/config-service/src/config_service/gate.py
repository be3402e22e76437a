"""The gate before the database: no more requests at once than threads, and no waiting without end."""

import asyncio
from types import TracebackType

from chassis import StoreUnavailable


class Gate:
    """Lets so many requests in at a time; used as an async context manager.

    Args:
        slots: requests that may be inside.
        seconds: for which one waits to get in.
    """

    def __init__(self, slots: int, seconds: float) -> None:
        self._slots = asyncio.Semaphore(slots)
        self._seconds = seconds

    @property
    def is_free(self) -> bool:
        """Whether one would get in at once."""
        return not self._slots.locked()

    async def __aenter__(self) -> None:
        """Wait for a free slot.

        Raises:
            StoreUnavailable: there was none in time.
        """
        if self.is_free:  # a deadline costs more than all the rest
            await self._slots.acquire()
            return
        try:
            async with asyncio.timeout(self._seconds):
                await self._slots.acquire()
        except TimeoutError as exc:
            raise StoreUnavailable("The store is too busy.") from exc

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._slots.release()
