"""Finding posts: the queries of a search, in an order that keeps each small."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from blog_service.database import Database
from blog_service.posts.model import Cursor, Page
from blog_service.posts.rows import page_of
from blog_service.posts.search import query_of, search_query
from blog_service.posts.shelves import newest_shelves
from blog_service.tables import post

Rows = list[Row[Any]]


class Finder:
    """Searches posts.

    Arguments:
        database: where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def search(self, text: str, now: datetime, limit: int, before: Cursor | None) -> Page:
        """Read the public posts with all words of a text, the last written first."""
        with self._database.read() as connection:
            words = query_of(text, connection)
        if not words:
            return Page((), None, ())
        bound = {"now": now, "words": words, "limit": limit + 1, **({"id": before.id} if before else {})}
        if self._database.dialect == "sqlite":
            return page_of(self._rows(bound), limit)
        return page_of(self._rows_by_shelf(bound, before.id if before else self._highest()), limit)

    def _rows_by_shelf(self, bound: dict[str, Any], top: int) -> Rows:
        """Look on the newest shelves, then on all; those between are for words that are there, but few."""
        words, rows = bound["words"], Rows()
        for number, (shelves, lowest) in enumerate(newest_shelves(top)):
            if number == 0 or rows:
                rows = self._rows({**bound, "words": f"{shelves} {words}", "lowest": lowest})
            if len(rows) == bound["limit"]:
                return rows
        return self._rows({**bound, "lowest": 0})

    def _rows(self, bound: dict[str, Any]) -> Rows:
        query = search_query(self._database.dialect, after_cursor="id" in bound)
        with self._database.read() as connection:
            return list(connection.execute(query, bound))

    def _highest(self) -> int:
        with self._database.read() as connection:
            return connection.execute(select(func.max(post.c.id))).scalar() or 0
