"""The database of documents: reads, and writes in transactions."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from sqlalchemy import Connection, Engine, and_, bindparam, func, or_, select, true

from chassis.sql import run_transaction
from config_service.documents import Change, Config, Revision, Schema, SchemaRevision
from config_service.events import Entry, Place, entry_of
from config_service.finding import Filter, select_found
from config_service.past import Past
from config_service.search import Condition
from config_service.tables import configs, revision_counter, revisions, schema_revisions, schemas
from config_service.transaction import SELECT_CONFIGS, SELECT_SCHEMA, Transaction

T = TypeVar("T")

# Made once, since making them anew takes as long as running them.
_CONFIG = SELECT_CONFIGS.where(configs.c.name == bindparam("name"))
_REVISION = select(configs.c.revision).where(configs.c.name == bindparam("name"))
_REVISIONS = select(configs.c.name, configs.c.revision).where(
    configs.c.name.in_(bindparam("names", expanding=True))
)
_ENTRY = [column for column in revisions.c if column.name != "k"]
SELECT_REVISIONS = select(*_ENTRY)
_NEXT = revisions.alias()  # entries of a revision are numbered without gaps
_NEXT_K = select(_NEXT.c.k).where(_NEXT.c.revision == revisions.c.revision, _NEXT.c.k == revisions.c.k + 1)
SELECT_ENTRIES = select(*_ENTRY, revisions.c.k, _NEXT_K.scalar_subquery().label("following")).order_by(
    revisions.c.revision, revisions.c.k
)


class Store:
    """The documents in a database.

    Args:
        engine: of the chassis.

    Attributes:
        changes: of the documents.
        schema_changes: of the schemas.
    """

    def __init__(self, engine: Engine) -> None:
        self._reading = engine.execution_options(read=True)
        self._writing = engine.execution_options(write=True)
        self.changes = Past(self._reading, revisions, Revision, content="metadata", noun="document")
        self.schema_changes = Past(
            self._reading, schema_revisions, SchemaRevision, content="schema", noun="schema"
        )

    def get(self, name: str) -> Config | None:
        """Return the document of that name."""
        with self._reading.connect() as connection:
            row = connection.execute(_CONFIG, {"name": name}).one_or_none()
        return Config(*row) if row else None

    def get_revision_number(self, name: str) -> int | None:
        """Return the revision that the document of that name is at, without reading the rest of it."""
        with self._reading.connect() as connection:
            number: int | None = connection.execute(_REVISION, {"name": name}).scalar()
        return number

    def get_revision_numbers(self, names: Iterable[str]) -> dict[str, int]:
        """Return the same for many documents, those that there are."""
        with self._reading.connect() as connection:
            rows = connection.execute(_REVISIONS, {"names": list(names)}).all()
        return {row.name: row.revision for row in rows}

    def find(
        self,
        conditions: Iterable[Condition] = (),
        *,
        schema: str | None = None,
        prefix: str = "",
        after: str = "",
        limit: int | None = None,
    ) -> list[Config]:
        """Return documents by name.

        Args:
            conditions: all of which they meet.
            schema: that they name; None for any.
            prefix: of their names.
            after: the name that they follow.
            limit: how many at most; None for all.
        """
        wanted = Filter(tuple(conditions), schema, prefix, after, limit)
        with self._reading.connect() as connection:
            found = connection.execute(select_found(connection, wanted))
            return [Config(*row) for row in found]

    def get_schema(self, name: str) -> Schema | None:
        """Return the schema of that name."""
        with self._reading.connect() as connection:
            row = connection.execute(SELECT_SCHEMA, {"name": name}).one_or_none()
        return Schema(*row) if row else None

    def list_schemas(self) -> list[str]:
        """Return the names of all schemas."""
        with self._reading.connect() as connection:
            return list(connection.execute(select(schemas.c.name)).scalars())

    def last_revision(self) -> int:
        """Return the number of the last write."""
        with self._reading.connect() as connection:
            number: int = connection.execute(select(revision_counter.c.value)).scalar_one()
        return number

    def entries_after(self, place: Place, *, limit: int) -> list[Entry]:
        """Return what the store has gone through after a place, in order."""
        revision, k = place
        query = SELECT_ENTRIES.where(revisions.c.revision >= revision)
        query = query.where(or_(revisions.c.revision > revision, revisions.c.k > k)).limit(limit)
        with self._reading.connect() as connection:
            rows = connection.execute(query).all()
        return [entry_of(Revision(*row[:-2]), row.k, last=row.following is None) for row in rows]

    def schemas_now(self) -> tuple[int, list[Schema]]:
        """Return the number of the last write, and the schemas that there were after it."""
        query = select(revision_counter.c.value, *schemas.c).join(schemas, true(), isouter=True)
        with self._reading.connect() as connection:
            rows = connection.execute(query.order_by(schemas.c.name)).all()
        return rows[0].value, [Schema(*row[1:]) for row in rows if row.name is not None]

    def revisions_at(self, revision: int, *, after: str, limit: int) -> list[Revision]:
        """Return the last entry of each document up to a revision, by name; deleted ones too.

        The history never changes: pages that are read one after the other are of one moment.

        Args:
            revision: of the whole store.
            after: the name that they follow.
            limit: how many at most.
        """
        latest = select(revisions.c.name, func.max(revisions.c.revision).label("latest"))
        latest = latest.where(revisions.c.name > after, revisions.c.revision <= revision)
        page = latest.group_by(revisions.c.name).order_by(revisions.c.name).limit(limit).subquery()
        same = and_(revisions.c.name == page.c.name, revisions.c.revision == page.c.latest)
        query = SELECT_REVISIONS.join(page, same).order_by(revisions.c.name, revisions.c.k)
        with self._reading.connect() as connection:
            return [Revision(*row) for row in connection.execute(query)]

    def write(self, change: Change, work: Callable[[Transaction], T], *, keep: bool = True) -> T:
        """Run `work` in a transaction of its own and commit what it did.

        Args:
            change: who writes, and why.
            work: called with the transaction, again when the database broke that off; what it raises
                undoes everything.
            keep: commit; otherwise everything is undone.

        Raises:
            StoreUnavailable: the database does not answer, or is too busy.
        """

        def attempt(connection: Connection) -> T:
            transaction = Transaction(connection, change)
            result = work(transaction)
            if keep:
                transaction.finish()
            else:
                connection.rollback()
            return result

        return run_transaction(self._writing, attempt)
