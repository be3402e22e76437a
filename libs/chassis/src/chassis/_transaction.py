"""Transactions that are run again when they lose a lock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine

from chassis._sql_errors import BUSY, TransactionConflict

T = TypeVar("T")


def run_transaction(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Run `work` in a transaction and commit it; from its start again when the database broke it off.

    On MySQL a change of a table may break off the same transaction more than once: it asks for the lock
    of the table's definition again as it goes on.

    Args:
        engine: of `create_engine`; after its `timeout` no other attempt is begun.
        work: called with a connection, as often as needed; what it raises undoes everything.

    Raises:
        TransactionConflict: it lost until then.
        StoreUnavailable: the database does not answer.
    """
    options = engine.get_execution_options()
    deadline = time.monotonic() + options["timeout"]
    while True:
        try:
            with _turn(options["writer"], options["timeout"]), engine.begin() as connection:
                return work(connection)
        except TransactionConflict:
            if time.monotonic() >= deadline:
                raise


@contextmanager
def _turn(writer: threading.Lock | None, timeout: float) -> Iterator[None]:
    """Let threads write to SQLite one after the other: its own lock goes to who asks at the right moment."""
    if writer is None:
        yield
        return
    if not writer.acquire(timeout=timeout):
        raise TransactionConflict(BUSY)
    try:
        yield
    finally:
        writer.release()
