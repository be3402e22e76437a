"""The statements of a write, each for many rows at once."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Insert, Table, delete, insert, tuple_, update
from sqlalchemy.dialects import mysql, sqlite

from config_service.tables import config_terms, configs, revision_counter, revisions

Row = dict[str, Any]
T = TypeVar("T")

CHUNK = 500  # values in one statement


def chunks(values: Iterable[T]) -> Iterator[Sequence[T]]:
    """Cut values into lists that one statement can take, one at a time."""
    rest = iter(values)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def put_rows(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Add rows; one whose key is there is overwritten."""
    statement = _put(connection, table)
    for chunk in chunks(rows):
        connection.execute(statement, chunk)


def _put(connection: Connection, table: Table) -> Insert:
    changed = [column.name for column in table.c if not column.primary_key]
    if connection.dialect.name == "mysql":
        on_mysql = mysql.insert(table)
        return on_mysql.on_duplicate_key_update({name: on_mysql.inserted[name] for name in changed})
    on_sqlite = sqlite.insert(table)
    new = {name: on_sqlite.excluded[name] for name in changed}
    return on_sqlite.on_conflict_do_update(index_elements=table.primary_key, set_=new)


def delete_configs(connection: Connection, names: Iterable[str]) -> None:
    """Remove documents and their search terms."""
    for chunk in chunks(names):
        connection.execute(delete(configs).where(configs.c.name.in_(chunk)))
        connection.execute(delete(config_terms).where(config_terms.c.name.in_(chunk)))


def forget_terms(connection: Connection, terms: Iterable[tuple[str, bytes]]) -> None:
    """Remove search terms, given as document and term."""
    for chunk in chunks(terms):
        pairs = tuple_(config_terms.c.name, config_terms.c.term)
        connection.execute(delete(config_terms).where(pairs.in_(chunk)))


def add_terms(connection: Connection, terms: Iterable[tuple[str, bytes]]) -> None:
    """Add search terms, given as document and term."""
    if rows := [{"name": name, "term": term} for name, term in sorted(terms)]:
        connection.execute(insert(config_terms), rows)


def add_revisions(connection: Connection, rows: Iterable[Row]) -> None:
    """Write history."""
    for chunk in chunks(rows):
        connection.execute(insert(revisions), chunk)


def set_counter(connection: Connection, revision: int) -> None:
    """Say which number was the last."""
    connection.execute(update(revision_counter).values(value=revision))
