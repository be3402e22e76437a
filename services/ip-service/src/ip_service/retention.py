"""Addresses that did not call for a long time are removed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis import StoreUnavailable, get_logger
from ip_service.store import Store

SECONDS_A_DAY = 86400
INTERVAL_SECONDS = 60.0
BATCH = 500

log = get_logger("retention")


@asynccontextmanager
async def retain(store: Store, days: float | None) -> AsyncIterator[None]:
    """Within it, addresses not seen for some days are removed; None keeps them all."""
    if days is None:
        yield
        return
    task = asyncio.create_task(_sweep_always(store, days * SECONDS_A_DAY))
    try:
        yield
    finally:
        task.cancel()


async def _sweep_always(store: Store, age: float) -> None:
    while True:
        try:
            await sweep(store, age)
        except StoreUnavailable:
            log.warning("retention_postponed")
        await asyncio.sleep(min(INTERVAL_SECONDS, max(1.0, age / 10)))


async def sweep(store: Store, age: float) -> int:
    """Remove the addresses not seen for `age` seconds, some at a time; returns how many."""
    cutoff, removed = int((time.time() - age) * 1_000_000), 0
    while batch := await store.expire(cutoff, BATCH):
        removed += batch
    return removed
