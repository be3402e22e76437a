"""The earlier texts of posts in the database."""

from typing import Any

from sqlalchemy import Connection, insert, literal, select

from blog_service.database import Database
from blog_service.posts.model import Revision, split_tags
from blog_service.tables import post, post_revision

_MOST = 500
_COLUMNS = (
    post_revision.c.version,
    post_revision.c.saved,
    post_revision.c.title,
    post_revision.c.body,
    post_revision.c.tags,
)


class History:
    """Reads revisions.

    Arguments:
        database: where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_post(self, post_id: int) -> list[Revision]:
        """Read what a post was, newest first, without the bodies."""
        columns = (*_COLUMNS[:3], literal(""), post_revision.c.tags)
        query = select(*columns).where(post_revision.c.post_id == post_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(post_revision.c.version.desc()).limit(_MOST))
            return [_revision(row) for row in rows]

    def get(self, post_id: int, version: int) -> Revision | None:
        """Read one revision."""
        query = select(*_COLUMNS).where(
            post_revision.c.post_id == post_id, post_revision.c.version == version
        )
        with self._database.read() as connection:
            row = connection.execute(query).first()
        return _revision(row) if row else None


def keep_revision(connection: Connection, post_id: int, version: int) -> None:
    """Copy a post as it is, before it is changed; nothing if it no longer has this version."""
    columns = (post.c.id, post.c.version, post.c.updated, post.c.title, post.c.body, post.c.tags)
    now = select(*columns).where(post.c.id == post_id, post.c.version == version)
    names = ["post_id", "version", "saved", "title", "body", "tags"]
    connection.execute(insert(post_revision).from_select(names, now))


def _revision(row: Any) -> Revision:
    version, saved, title, body, tags = row
    return Revision(version, saved, title, body, split_tags(tags))
