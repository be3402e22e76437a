"""What the documents, or the schemas, of a store were: a table of changes that only grows."""

from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy import Engine, Table, null, select

from chassis import NotFound
from config_service.errors import RevisionNotFound

E = TypeVar("E")


class Past(Generic[E]):
    """The changes of documents, or of schemas; also of those that are deleted.

    Args:
        engine: of the database, for reading.
        table: of the changes.
        entry: makes one of a row.
        content: the column that lists leave out.
        noun: what has changed.
    """

    def __init__(
        self, engine: Engine, table: Table, entry: Callable[..., E], *, content: str, noun: str
    ) -> None:
        self._engine, self._entry, self._noun = engine, entry, noun
        self._name, self._number = table.c.name, table.c.revision
        columns = [column for column in table.c if column.name != "k"]
        latest = [table.c[name].desc() for name in ("revision", "k") if name in table.c]
        self._whole = select(*columns).order_by(*latest)
        self._heads = select(*(null() if column.name == content else column for column in columns))
        self._heads = self._heads.order_by(*latest)

    def get(self, name: str, number: int) -> E:
        """Return what a revision made of one; the last change, if it made several.

        Raises:
            RevisionNotFound: it did not change this one.
        """
        query = self._whole.where(self._name == name, self._number == number).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise RevisionNotFound(f"Revision {number} did not change a {self._noun} of this name.")
        return self._entry(*row)

    def list(self, name: str, *, before: int | None = None, limit: int) -> list[E]:
        """Return the changes of one without what they made, the latest first.

        Args:
            name: of the document or schema.
            before: the revision that they precede; None for the last ones.
            limit: how many at most.

        Raises:
            NotFound: there never was one of that name.
        """
        query = self._heads.where(self._name == name).limit(limit)
        earlier = query if before is None else query.where(self._number < before)
        with self._engine.connect() as connection:
            rows = connection.execute(earlier).all()
            if not rows and connection.execute(query.limit(1)).first() is None:
                raise NotFound(f"There never was a {self._noun} of this name.")
        return [self._entry(*row) for row in rows]
