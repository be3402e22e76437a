"""SQL databases: an engine with spans, metrics and deadlines, for MySQL and SQLite."""

from __future__ import annotations

import re
import sqlite3
import threading
from contextlib import suppress
from functools import lru_cache
from typing import Any

import sqlalchemy
from sqlalchemy import URL, Engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from chassis._chassis import Chassis
from chassis._dependency import Call
from chassis._mysql import mysql_options, prepare_mysql
from chassis._problem import StoreUnavailable
from chassis._quick_read import QuickRead, database_attributes
from chassis._sql_errors import NOT_MIGRATED, UNAVAILABLE, NotMigrated, TransactionConflict, problem_of
from chassis._transaction import run_transaction

_LITERAL = re.compile(r"'(?:[^'\\]|\\.|'')*'|\b\d+(?:\.\d+)?\b")
_STACK = "chassis_calls"

__all__ = [
    "NotMigrated",
    "QuickRead",
    "TransactionConflict",
    "check_migration",
    "create_engine",
    "ping",
    "run_transaction",
]


def create_engine(chassis: Chassis, url: str, *, pool_size: int = 10, timeout: float = 2.0) -> Engine:
    """Make an engine; it connects at its first use.

    MySQL gets utf8mb4, strict mode, UTC and a check of each connection that was idle. SQLite gets
    write-ahead logging, foreign keys, full synchronisation (an acknowledged write survives a
    power cut). Transactions begin where SQLAlchemy begins them; with the execution option
    `read=True` none does, and each statement sees the store as it is, as with READ COMMITTED.

    Args:
        chassis: of the service.
        url: SQLAlchemy URL, `mysql+pymysql://…` or `sqlite:///…`.
        pool_size: connections at most; as many threads can be in the database at once.
        timeout: seconds to wait for a connection, a lock, or a reply.

    Raises:
        sqlalchemy.exc.ArgumentError: when the URL cannot be read.
    """
    parsed = make_url(url)
    is_sqlite = parsed.get_backend_name() == "sqlite"
    options = _sqlite_options(timeout) if is_sqlite else mysql_options(timeout)
    engine = sqlalchemy.create_engine(
        parsed,
        poolclass=BoundedPool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=timeout,
        execution_options={"timeout": timeout, "writer": threading.Lock() if is_sqlite else None},
        **options,
    )
    if is_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        prepare_mysql(engine)
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


def check_migration(engine: Engine, needed: str) -> None:
    """Look whether the database has the tables that a service needs, or those of a newer version.

    Args:
        engine: of the database.
        needed: identifier of an Alembic migration; they are numbered, `0001` before `0002`.

    Raises:
        NotMigrated: it has not.
        StoreUnavailable: it does not answer.
    """
    newest = None
    with suppress(NotMigrated), engine.execution_options(read=True).connect() as connection:
        newest = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if newest is None or newest < needed:
        raise NotMigrated(NOT_MIGRATED)


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


def _prepare_sqlite(connection: Any, _record: object) -> None:
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sqlalchemy.Connection) -> None:
    """Begin as `execution_options` say; `write=True` takes the write lock at once, for no upgrade to fail."""
    options = connection.get_execution_options()
    if not options.get("read", False):
        driver: Any = connection.connection.dbapi_connection
        try:
            driver.execute("BEGIN IMMEDIATE" if options.get("write", False) else "BEGIN")
        except sqlite3.OperationalError as exc:  # SQLAlchemy handles no error of an event
            raise problem_of(exc) or StoreUnavailable(UNAVAILABLE) from exc


def _observe(engine: Engine, chassis: Chassis, url: URL) -> None:
    system, fixed = url.get_backend_name(), database_attributes(url)

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
    problem = None
    if isinstance(error, DBAPIError):
        problem = problem_of(error.orig, lost=error.connection_invalidated)
    if isinstance(problem, NotMigrated) and _operation(context.statement or "") == "DESCRIBE":
        return  # which is how SQLAlchemy asks MySQL whether there is such a table
    if problem is not None:
        raise problem from context.original_exception


@lru_cache(maxsize=512)
def _operation(statement: str) -> str:
    words = statement.split(None, 1)
    return words[0].upper() if words and words[0].isalpha() else "OTHER"


@lru_cache(maxsize=512)
def _without_literals(statement: str) -> str:
    return _LITERAL.sub("?", statement)
