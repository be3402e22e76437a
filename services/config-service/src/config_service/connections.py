"""Connections to the database, for the classes that read and write there."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from config_service.errors import NotMigrated

MYSQL_NO_SUCH_TABLE = 1146
NOT_MIGRATED = "The store is not set up yet."


@contextmanager
def connected(engine: Engine) -> Iterator[Connection]:
    """Lend a connection.

    Raises:
        NotMigrated: the database lacks a table.
        StoreUnavailable: it does not answer.
    """
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as exc:
        if _lacks_table(exc):
            raise NotMigrated(NOT_MIGRATED) from None  # the readiness report names an error's cause
        raise


def _lacks_table(error: DBAPIError) -> bool:
    reason = error.orig
    return reason is not None and (reason.args[0] == MYSQL_NO_SUCH_TABLE or "no such table" in str(reason))
