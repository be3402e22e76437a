"""MySQL: connections that cost one round trip a read."""

from __future__ import annotations

import ssl
import time
from functools import partial
from typing import Any

import sqlalchemy
from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

_IDLE_SECONDS = 1.0
_LAST_USE = "chassis_last_use"
_IN_TRANSACTION = 1  # SERVER_STATUS_IN_TRANS of the protocol


def mysql_options(timeout: float) -> dict[str, Any]:
    """Options of the engine.

    Args:
        timeout: seconds to wait for a connection, a lock, or a reply.
    """
    seconds = max(1, round(timeout))
    return {
        "pool_recycle": 1800,
        "connect_args": {
            "autocommit": True,
            "charset": "utf8mb4",
            "connect_timeout": seconds,
            "read_timeout": seconds,
            "write_timeout": seconds,
            # SQLAlchemy's own isolation_level would end autocommit: a read would leave a transaction open
            # on a connection that idles, and no migration could change the tables that it read.
            "init_command": (
                "SET SESSION sql_mode='TRADITIONAL,ONLY_FULL_GROUP_BY', time_zone='+00:00', "
                f"transaction_isolation='READ-COMMITTED', innodb_lock_wait_timeout={seconds}"
            ),
        },
    }


def prepare_mysql(engine: Engine) -> None:
    """Begin where SQLAlchemy begins, roll back only what began, and check what was idle."""

    def check(connection: Any, record: Any, _fairy: object) -> None:
        last_use = record.info.get(_LAST_USE)
        if last_use is None or time.monotonic() - last_use < _IDLE_SECONDS:
            return
        try:
            connection.ping(reconnect=False)
        except dialect.loaded_dbapi.Error as exc:
            raise InvalidatePoolError from exc

    dialect: Any = engine.dialect
    dialect.do_rollback = _roll_back
    event.listen(engine, "do_connect", partial(_connect, encryption=_encryption()))
    event.listen(engine, "begin", _begin)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", check)


def _encryption() -> ssl.SSLContext:
    """What PyMySQL uses of its own accord where the URL says nothing of TLS: encrypted, not verified."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _connect(
    dialect: Any, _record: object, positional: list[Any], named: dict[str, Any], *, encryption: ssl.SSLContext
) -> Any:
    """Connect with one context for all; PyMySQL reads the system's certificates for each connection.

    That takes 20 ms of CPU time and 130 kB, and as much for each attempt while the server is away.
    """
    if any(name.startswith("ssl") for name in named):
        return None  # as the URL says
    connection = dialect.loaded_dbapi.connect(*positional, **named, ssl_disabled=True, defer_connect=True)
    connection.ssl, connection.ctx = True, encryption
    connection.connect()
    return connection


def _begin(connection: sqlalchemy.Connection) -> None:
    if not connection.get_execution_options().get("read", False):
        connection.exec_driver_sql("BEGIN")


def _roll_back(connection: Any) -> None:
    """Send nothing where no transaction is open, as after a read."""
    if connection.server_status & _IN_TRANSACTION:
        connection.rollback()


def _note_use(_connection: object, record: Any) -> None:
    record.info[_LAST_USE] = time.monotonic()
