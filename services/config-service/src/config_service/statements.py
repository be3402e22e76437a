"""The statements of a write, each for many rows at once."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import import_module
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Insert, Table, bindparam, delete, insert, tuple_, update

from config_service.tables import config_terms, configs, revision_counter, revisions

Row = dict[str, Any]
T = TypeVar("T")

CHUNK = 500  # values in one statement

# Made once: making a statement takes as long as running it.
_ADD_TERMS = insert(config_terms)
_ADD_REVISIONS = insert(revisions)
_SET_COUNTER = update(revision_counter).values(value=bindparam("last"))


def chunks(values: Iterable[T]) -> Iterator[Sequence[T]]:
    """Cut values into lists that one statement can take, one at a time."""
    rest = iter(values)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


def put_rows(connection: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Add rows; one whose key is there is overwritten."""
    statement = _put(connection.dialect.name, table)
    for chunk in chunks(rows):
        connection.execute(statement, chunk)


@cache
def _put(dialect: str, table: Table) -> Insert:
    changed = [column.name for column in table.c if not column.primary_key]
    added: Any = import_module(f"sqlalchemy.dialects.{dialect}").insert(table)  # the other dialect: 1 MB
    if dialect == "mysql":
        new = {name: added.inserted[name] for name in changed}
        statement: Insert = added.on_duplicate_key_update(new)
    else:
        new = {name: added.excluded[name] for name in changed}
        statement = added.on_conflict_do_update(index_elements=table.primary_key, set_=new)
    return statement


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
        connection.execute(_ADD_TERMS, rows)


def add_revisions(connection: Connection, rows: Iterable[Row]) -> None:
    """Write history."""
    for chunk in chunks(rows):
        connection.execute(_ADD_REVISIONS, chunk)


def set_counter(connection: Connection, revision: int) -> None:
    """Say which number was the last."""
    connection.execute(_SET_COUNTER, {"last": revision})
