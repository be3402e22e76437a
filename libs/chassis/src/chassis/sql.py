"""SQL databases: an engine with spans, metrics and deadlines, for MySQL and SQLite."""

from __future__ import annotations

import re
import sqlite3
from functools import lru_cache
from typing import Any

import sqlalchemy
from sqlalchemy import URL, Engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from chassis._chassis import Chassis
from chassis._dependency import Call
from chassis._problem import StoreUnavailable

_LITERAL = re.compile(r"'(?:[^'\\]|\\.|'')*'|\b\d+(?:\.\d+)?\b")
_STACK = "chassis_calls"
UNAVAILABLE = "The store does not answer just now."
BUSY = "The store is busy."
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

__all__ = ["TransactionConflict", "create_engine", "ping"]


class TransactionConflict(StoreUnavailable):
    """A transaction lost a lock and was rolled back; the whole of it may be run again."""


def create_engine(chassis: Chassis, url: str, *, pool_size: int = 10, timeout: float = 2.0) -> Engine:
    """Make an engine; it connects at its first use.

    MySQL gets utf8mb4, strict mode, UTC and a check of each connection before use. SQLite gets
    write-ahead logging, foreign keys, full synchronisation (an acknowledged write survives a
    power cut) and transactions that begin where SQLAlchemy begins them.

    Args:
        chassis: of the service.
        url: SQLAlchemy URL, `mysql+pymysql://…` or `sqlite:///…`.
        pool_size: connections at most; as many threads can be in the database at once.
        timeout: seconds to wait for a connection, a lock, or a reply.

    Raises:
        sqlalchemy.exc.ArgumentError: when the URL cannot be read.
    """
    parsed = make_url(url)
    options = _sqlite_options(timeout) if parsed.get_backend_name() == "sqlite" else _mysql_options(timeout)
    engine = sqlalchemy.create_engine(
        parsed, poolclass=BoundedPool, pool_size=pool_size, max_overflow=0, pool_timeout=timeout, **options
    )
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    _observe(engine, chassis, parsed)
    event.listen(engine, "handle_error", _translate)
    return engine


def ping(engine: Engine) -> None:
    """Ask the database for a sign of life.

    Raises:
        StoreUnavailable: when there is none.
    """
    with engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")


class BoundedPool(sqlalchemy.QueuePool):
    """A pool whose own timeout is a store that does not answer."""

    def connect(self) -> Any:
        """A connection.

        Raises:
            StoreUnavailable: when none became free in time.
        """
        try:
            return super().connect()
        except PoolTimeoutError as exc:
            raise StoreUnavailable(UNAVAILABLE) from exc


def _sqlite_options(timeout: float) -> dict[str, Any]:
    return {
        "connect_args": {"timeout": timeout, "isolation_level": None, "check_same_thread": False},
    }


def _mysql_options(timeout: float) -> dict[str, Any]:
    seconds = max(1, round(timeout))
    return {
        "pool_pre_ping": True,
        "pool_recycle": 1800,
        "isolation_level": "READ COMMITTED",
        "connect_args": {
            "charset": "utf8mb4",
            "connect_timeout": seconds,
            "read_timeout": seconds,
            "write_timeout": seconds,
            "init_command": (
                "SET SESSION sql_mode='TRADITIONAL,ONLY_FULL_GROUP_BY', time_zone='+00:00', "
                f"innodb_lock_wait_timeout={seconds}"
            ),
        },
    }


def _prepare_sqlite(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sqlalchemy.Connection) -> None:
    """Begin as `execution_options` say.

    `write=True` takes the write lock at once, so that no upgrade of a read lock can fail.
    `read=True` begins nothing: each statement sees the store as it is, as with READ COMMITTED.
    """
    options = connection.get_execution_options()
    if not options.get("read", False):
        driver: Any = connection.connection.dbapi_connection
        try:
            driver.execute("BEGIN IMMEDIATE" if options.get("write", False) else "BEGIN")
        except sqlite3.OperationalError as exc:  # SQLAlchemy handles no error of an event
            problem = TransactionConflict(BUSY) if _lost_a_lock(exc) else StoreUnavailable(UNAVAILABLE)
            raise problem from exc


def _observe(engine: Engine, chassis: Chassis, url: URL) -> None:
    system = url.get_backend_name()
    fixed = {"db.system.name": system, **({"server.address": url.host} if url.host else {})}

    def before(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        operation = _operation(statement)
        attributes = {**fixed, "db.operation.name": operation, "db.query.text": _without_literals(statement)}
        call = Call(chassis, system, operation, attributes)
        call.__enter__()
        connection.info.setdefault(_STACK, []).append(call)

    def after(connection: Any, *_: Any) -> None:
        connection.info[_STACK].pop().__exit__(None, None, None)

    def failed(context: ExceptionContext) -> None:
        calls = context.connection.info.get(_STACK) if context.connection is not None else None
        if calls:
            error = context.original_exception
            calls.pop().__exit__(type(error), error, None)

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    event.listen(engine, "handle_error", failed)


def _translate(context: ExceptionContext) -> None:
    error = context.sqlalchemy_exception
    if not isinstance(error, DBAPIError):
        return
    if _lost_a_lock(error.orig):
        raise TransactionConflict(BUSY) from context.original_exception
    if _is_unavailable(error):
        raise StoreUnavailable(UNAVAILABLE) from context.original_exception


def _lost_a_lock(error: BaseException | None) -> bool:
    return _mysql_code(error) in MYSQL_CONFLICTS or _sqlite_code(error) in SQLITE_CONFLICTS


def _is_unavailable(error: DBAPIError) -> bool:
    """Whether the database is away, slow, full or read-only, rather than the statement wrong."""
    code = _mysql_code(error.orig)
    return (
        error.connection_invalidated
        or code in MYSQL_PASSING
        or code in MYSQL_CONNECTION
        or _sqlite_code(error.orig) in SQLITE_PASSING
    )


def _sqlite_code(error: BaseException | None) -> int | None:
    """The primary result code (https://sqlite.org/rescode.html)."""
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


def _mysql_code(error: BaseException | None) -> int | None:
    if error is None or not error.args or type(error).__module__.partition(".")[0] != "pymysql":
        return None
    return error.args[0] if isinstance(error.args[0], int) else None


@lru_cache(maxsize=512)
def _operation(statement: str) -> str:
    words = statement.split(None, 1)
    return words[0].upper() if words and words[0].isalpha() else "OTHER"


@lru_cache(maxsize=512)
def _without_literals(statement: str) -> str:
    return _LITERAL.sub("?", statement)
