"""Databases on a real MySQL server; needs SQLAlchemy, unlike the rest of `chassis.testing`."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy
from sqlalchemy import URL


@contextmanager
def mysql_database(server: str, *, charset: str | None = None) -> Iterator[URL]:
    """Make an empty database of a random name, and remove it.

    Args:
        server: URL of a user who may do so.
        charset: for tables that name none; None takes the server's.
    """
    engine = sqlalchemy.create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"test_{secrets.token_hex(8)}"
    default = f" CHARACTER SET {charset}" if charset else ""
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}{default}")
        try:
            yield engine.url.set(database=name)
        finally:
            with engine.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE {name}")
    finally:
        engine.dispose()
