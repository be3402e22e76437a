"""The database of documents: reads, and writes in transactions."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DBAPIError

from chassis.sql import TransactionConflict
from config_service.documents import Change, Config
from config_service.errors import NotMigrated
from config_service.search import Condition
from config_service.tables import MIGRATION, alembic_version, config_terms, configs
from config_service.transaction import SELECT_CONFIGS, Transaction

T = TypeVar("T")

MYSQL_NO_SUCH_TABLE = 1146
NOT_MIGRATED = "The store is not set up yet."


class Store:
    """The documents in a database.

    Args:
        engine: of the chassis.
        timeout: seconds for which a write that the database broke off is tried again.
    """

    def __init__(self, engine: Engine, *, timeout: float) -> None:
        self._engine = engine
        self._writing = engine.execution_options(write=True)
        self._timeout = timeout

    def ping(self) -> None:
        """Look whether the database has the tables that this version needs.

        Raises:
            NotMigrated: it has not.
            StoreUnavailable: it does not answer.
        """
        with _connected(self._engine) as connection:
            migration = connection.execute(select(alembic_version.c.version_num)).scalar()
        if migration is None or migration < MIGRATION:
            raise NotMigrated(NOT_MIGRATED)

    def get(self, name: str) -> Config | None:
        """Return the document of that name."""
        with _connected(self._engine) as connection:
            row = connection.execute(SELECT_CONFIGS.where(configs.c.name == name)).one_or_none()
        return Config(*row) if row else None

    def find(self, schema: str, conditions: Iterable[Condition] = ()) -> list[Config]:
        """Return the documents of a schema that meet all conditions, by name."""
        query = SELECT_CONFIGS.where(configs.c.schema_name == schema).order_by(configs.c.name)
        for terms in conditions:
            having = select(config_terms.c.name).where(config_terms.c.term.in_(terms))
            query = query.where(configs.c.name.in_(having))
        with _connected(self._engine) as connection:
            return [Config(*row) for row in connection.execute(query)]

    def write(self, change: Change, work: Callable[[Transaction], T]) -> T:
        """Run `work` in a transaction of its own and commit what it did.

        Args:
            change: who writes, and why.
            work: called with the transaction, again when the database broke that off; what it raises
                undoes everything.

        Raises:
            StoreUnavailable: the database does not answer, or is too busy.
        """
        deadline = time.monotonic() + self._timeout
        while True:
            try:
                with _connected(self._writing) as connection, connection.begin():
                    transaction = Transaction(connection, change)
                    result = work(transaction)
                    transaction.finish()
                return result
            except TransactionConflict:
                if time.monotonic() >= deadline:
                    raise


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
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
