"""Transactions: reads, and writes that are run again when they lose a lock."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Engine, Executable, Select

from chassis import Chassis
from chassis.sql import QuickRead, run_transaction

T = TypeVar("T")


class Database:
    """The one way to the tables.

    Arguments:
        chassis: of the service.
        engine: made with it.

    Attributes:
        dialect: `sqlite` or `mysql`.
    """

    def __init__(self, chassis: Chassis, engine: Engine) -> None:
        self.dialect = engine.dialect.name
        self._quick_reads = cache(partial(QuickRead, chassis, engine))
        self._reads = engine.execution_options(read=True)
        self._writes = engine.execution_options(write=True)

    def read(self) -> Connection:
        """Lend a connection for a read."""
        return self._reads.connect()

    def quick_read(self, statement: Select[Any]) -> QuickRead:
        """Prepare a statement that is run very often, once."""
        return self._quick_reads(statement)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction, from its start again if it lost a lock.

        Raises:
            StoreUnavailable: it lost for too long, or the database is away.
        """
        return run_transaction(self._writes, work)

    def execute(self, *statements: Executable) -> None:
        """Run statements in one transaction."""
        self.write(lambda connection: [connection.execute(statement) for statement in statements])


def new_id(result: CursorResult[Any]) -> int:
    """Return the number that an inserted row was given."""
    key = result.inserted_primary_key
    assert key is not None  # noqa: S101 - an insert of one row has one
    number: int = key[0]
    return number
