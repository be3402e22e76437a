"""Concurrent calls joined into one round trip."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    """Sends what comes together in one go: while one batch is under way, the next one fills.

    Args:
        send: sends items, returns as many results in their order.
        seconds: deadline of a batch, waiting for the one before it included.
        size: items in one batch at most.
    """

    def __init__(
        self,
        send: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        *,
        seconds: float,
        size: int = 128,
    ) -> None:
        self._send = send
        self._seconds = seconds
        self._size = size
        self._turn = asyncio.Lock()
        self._items: list[Item] = []
        self._task: asyncio.Task[Sequence[Result]] | None = None

    async def add(self, item: Item) -> Result:
        """Send one item with the next batch.

        Raises:
            TimeoutError: past the deadline.
        """
        if self._task is None or len(self._items) >= self._size:
            self._items = []
            self._task = asyncio.create_task(self._run(self._items))
        task, position = self._task, len(self._items)
        self._items.append(item)
        results = await asyncio.shield(task)
        return results[position]

    async def _run(self, items: list[Item]) -> Sequence[Result]:
        async with asyncio.timeout(self._seconds):
            async with self._turn:
                return await self._send(self._close(items))

    def _close(self, items: list[Item]) -> list[Item]:
        if self._items is items:
            self._task = None
        return items
