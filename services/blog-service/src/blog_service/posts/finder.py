"""Finding posts, in the way that the database has."""

from datetime import datetime
from importlib import import_module

from blog_service.database import Database
from blog_service.posts.model import Cursor, Page
from blog_service.posts.rows import page_of
from blog_service.posts.search import words_of


class Finder:
    """Searches posts.

    Arguments:
        database: where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        # Each loads what only its own database needs.
        way = "sqlite_search" if database.dialect == "sqlite" else "mysql_search"
        self._search = import_module(f"blog_service.posts.{way}").search

    def search(self, text: str, now: datetime, limit: int, before: Cursor | None) -> Page:
        """Read the public posts with all words of a text, the last written first."""
        words, below = words_of(text), before.id if before else None
        with self._database.read() as connection:
            rows = self._search(connection, words, {"now": now, "limit": limit + 1}, below)
        return page_of(rows, limit)
