"""Which revision documents are at, for clients that have a copy; those that ask together share a query."""

import asyncio

from fastapi.concurrency import run_in_threadpool

from config_service.gate import Gate
from config_service.store import Store


class _Batch:
    """Names that are asked for in one query, and the task that does."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.task: asyncio.Task[dict[str, int]] | None = None


class Revisions:
    """Asks one query at a time: what comes meanwhile goes into the next one.

    Whoever asks is told what a query found that began after that, so that nobody reads what was overwritten.

    Args:
        store: asked.
        seconds: for which a query waits for the one before.
    """

    def __init__(self, store: Store, seconds: float) -> None:
        self._store = store
        self._turn = Gate(1, seconds)
        self._next: _Batch | None = None

    async def of(self, name: str) -> int | None:
        """Return the revision that a document is at, None where there is none.

        Raises:
            StoreUnavailable: the database does not answer, or is too busy.
        """
        if self._next is None and self._turn.is_free:
            async with self._turn:
                return await run_in_threadpool(self._store.get_revision_number, name)
        batch = self._next = self._next or _Batch()
        batch.names.add(name)
        batch.task = batch.task or asyncio.create_task(self._ask(batch))
        found = await asyncio.shield(batch.task)
        return found.get(name)

    async def _ask(self, batch: _Batch) -> dict[str, int]:
        try:
            async with self._turn:
                self._next = None
                return await run_in_threadpool(self._store.get_revision_numbers, batch.names)
        finally:
            if self._next is batch:  # it never had its turn
                self._next = None
