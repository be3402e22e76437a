"""What a driver's error means: the database is away, a lock was lost, or the statement is wrong."""

from __future__ import annotations

import sqlite3

from chassis._problem import StoreUnavailable

UNAVAILABLE = "The store does not answer just now."
BUSY = "The store is busy."
NOT_MIGRATED = "The store is not set up yet."
MYSQL_NO_SUCH_TABLE = 1146
MYSQL_CONFLICTS = frozenset({1205, 1213})  # lock wait timeout, deadlock
# Disk or memory full, too many connections, shutting down, read-only, interrupted; 2xxx: connection lost.
MYSQL_PASSING = frozenset({0, 1021, 1037, 1040, 1041, 1053, 1203, 1290, 1792, 1836, 3024, 4031})
MYSQL_CONNECTION = range(2000, 3000)
SQLITE_CONFLICTS = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
SQLITE_PASSING = frozenset(
    {
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_READONLY,
    }
)


class TransactionConflict(StoreUnavailable):
    """A transaction lost a lock and was rolled back; the whole of it may be run again."""


class NotMigrated(StoreUnavailable):
    """The database lacks a table, or has older ones than this version of the service needs."""


def problem_of(error: BaseException | None, *, lost: bool = False) -> StoreUnavailable | None:
    """Return what to raise for an error that may pass; None when the statement is wrong.

    Args:
        error: of the driver.
        lost: whether the connection is.
    """
    mysql, sqlite = _mysql_code(error), _sqlite_code(error)
    if mysql in MYSQL_CONFLICTS or sqlite in SQLITE_CONFLICTS:
        return TransactionConflict(BUSY)
    if mysql == MYSQL_NO_SUCH_TABLE or (sqlite == sqlite3.SQLITE_ERROR and "no such table" in str(error)):
        return NotMigrated(NOT_MIGRATED)
    if lost or mysql in MYSQL_PASSING or mysql in MYSQL_CONNECTION or sqlite in SQLITE_PASSING:
        return StoreUnavailable(UNAVAILABLE)
    return None


def _sqlite_code(error: BaseException | None) -> int | None:
    """The primary result code (https://sqlite.org/rescode.html)."""
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


def _mysql_code(error: BaseException | None) -> int | None:
    if error is None or not error.args or type(error).__module__.partition(".")[0] != "pymysql":
        return None
    return error.args[0] if isinstance(error.args[0], int) else None
