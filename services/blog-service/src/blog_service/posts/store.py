"""Posts in the database."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from blog_service.database import Database, new_id
from blog_service.errors import EditConflict
from blog_service.posts.history import keep_revision
from blog_service.posts.html import RENDERER, render_markdown, summary_of
from blog_service.posts.listing import (
    Scope,
    feed_query,
    full_query,
    listing_query,
    sitemap_query,
    state_query,
)
from blog_service.posts.model import Cursor, Feed, Page, Post, State, Writing
from blog_service.posts.rows import (
    current_html,
    cursor_after,
    listed_of,
    page_of,
    post_of,
    state_of,
    whole_of,
)
from blog_service.posts.shelves import shelve
from blog_service.posts.slugs import another_slug, slug_of
from blog_service.posts.visibility import PUBLISHED
from blog_service.tables import post, post_slug, post_tag, user

T = TypeVar("T")

# A post that an older version of the blog has just added gets its slug by the next migration run.
_FULL = (
    select(post, user.c.username).join(user, user.c.id == post.c.author_id).where(post.c.slug.is_not(None))
)
_BY_ID = _FULL.where(post.c.id == bindparam("post_id"))
_BY_SLUG = _FULL.where(post.c.slug == bindparam("slug"))
_BY_OLD_SLUG = _FULL.join(post_slug, post_slug.c.post_id == post.c.id).where(
    post_slug.c.slug == bindparam("slug")
)


class PostStore:
    """Reads and writes posts.

    Arguments:
        database: where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, now: datetime, limit: int, before: Cursor | None, scope: Scope, **of: Any) -> Page:
        """Read a part of the list of public posts, newest first."""
        query = listing_query(scope, after_cursor=before is not None)
        return page_of(self._rows(query, _place(now, before, **of), limit), limit)

    def newest_state(
        self, now: datetime, limit: int, before: Cursor | None, scope: Scope, **of: Any
    ) -> State:
        """Read what tells whether that part of the list is still the same."""
        read = self._database.quick_read(state_query(scope, after_cursor=before is not None))
        row = read({"limit": limit + 1, **_place(now, before, **of)})
        return tuple(sorted(row[0].split(","))) if row and row[0] else ()

    def newest_whole(
        self, now: datetime, limit: int, before: Cursor | None, scope: Scope, **of: Any
    ) -> tuple[list[Post], Cursor | None]:
        """Read a part of the list of public posts, newest first, with all there is of them."""
        query = full_query(scope, after_cursor=before is not None)
        rows = self._rows(query, _place(now, before, **of), limit)
        return [whole_of(row) for row in rows[:limit]], cursor_after(rows, limit)

    def _rows(self, query: Select[Any], bound: dict[str, Any], limit: int) -> list[Row[Any]]:
        """Read one row more than a part has: it tells whether another follows."""
        with self._database.read() as connection:
            return list(connection.execute(query, {"limit": limit + 1, **bound}))

    def addresses(self, now: datetime, limit: int) -> list[tuple[str, datetime]]:
        """Read the slugs of the newest public posts, and when each was changed last."""
        with self._database.read() as connection:
            rows = connection.execute(sitemap_query(), {"now": now, "limit": limit}).all()
        return [(row.slug, max(row.updated or row.publish_at, row.publish_at)) for row in rows]

    def feed(self, now: datetime, limit: int) -> Feed:
        """Read the newest public posts."""
        rows = self._rows(feed_query(), {"now": now}, limit)
        entries = [
            (listed_of(row), max(row.updated or row.publish_at, row.publish_at), current_html(row))
            for row in rows[:limit]
        ]
        return Feed(entries, state_of(rows))

    def get(self, post_id: int) -> Post | None:
        """Read one post."""
        with self._database.read() as connection:
            return post_of(connection.execute(_BY_ID, {"post_id": post_id}).first())

    def get_by_slug(self, slug: str) -> Post | None:
        """Read one post by the slug it has, or one it had."""
        with self._database.read() as connection:
            row = connection.execute(_BY_SLUG, {"slug": slug}).first()
            return post_of(row or connection.execute(_BY_OLD_SLUG, {"slug": slug}).first())

    def unpublished(self, author_id: int, now: datetime) -> tuple[Post, ...]:
        """Read one author's drafts and scheduled posts."""
        hidden = or_(post.c.status != PUBLISHED, post.c.publish_at > now)
        query = _FULL.where(post.c.author_id == author_id, hidden).order_by(post.c.id.desc()).limit(200)
        with self._database.read() as connection:
            return tuple(whole_of(row) for row in connection.execute(query))

    def by_author(self, author_id: int, after_id: int, limit: int) -> list[Post]:
        """Read a part of what an author wrote, hidden posts too, oldest first."""
        query = _FULL.where(post.c.author_id == author_id, post.c.id > after_id).order_by(post.c.id)
        with self._database.read() as connection:
            return [whole_of(row) for row in connection.execute(query.limit(limit))]

    def add(
        self, author_id: int, writing: Writing, created: datetime, updated: datetime, slug: str | None = None
    ) -> Post:
        """Store a new post, under a slug if that is free."""
        values = {**_values(writing), "author_id": author_id, "created": created, "updated": updated}

        def work(connection: Connection) -> int:
            free = _free_slug(connection, slug or writing.title, None)
            result = connection.execute(insert(post).values(**values, slug=free, version=1))
            post_id = new_id(result)
            connection.execute(insert(post_slug).values(slug=free, post_id=post_id))
            connection.execute(shelve().where(post.c.id == post_id))
            _store_tags(connection, post_id, writing)
            return post_id

        return self._stored(self._write(work))

    def change(self, before: Post, version: int, writing: Writing, now: datetime) -> Post:
        """Store an edit.

        Raises:
            EditConflict: the post no longer has this version.
        """
        values = {**_values(writing), "updated": now, "version": version + 1}
        same = post.c.id == before.id, post.c.version == version

        def work(connection: Connection) -> None:
            slug = _slug_after(connection, before, writing.title)
            keep_revision(connection, before.id, version)
            changed = connection.execute(update(post).where(*same).values(**values, slug=slug))
            if changed.rowcount == 0:
                raise EditConflict
            _store_tags(connection, before.id, writing)

        self._write(work)
        return self._stored(before.id)

    def delete(self, post_id: int) -> None:
        """Delete a post with its slugs and tags."""
        self._database.execute(delete(post).where(post.c.id == post_id))

    def _write(self, work: Callable[[Connection], T]) -> T:
        """Write, and once more if another post took the slug in between: now that is seen."""
        try:
            return self._database.write(work)
        except IntegrityError:
            return self._database.write(work)

    def _stored(self, post_id: int) -> Post:
        stored = self.get(post_id)
        if stored is None:
            raise EditConflict("The post has just been deleted.")
        return stored


def _values(writing: Writing) -> dict[str, Any]:
    html = render_markdown(writing.body)
    return {
        "title": writing.title,
        "body": writing.body,
        "status": writing.status,
        "publish_at": writing.publish_at,
        "tags": ",".join(writing.tags),
        "html": html,
        "renderer": RENDERER,
        "summary": summary_of(html),
    }


def _slug_after(connection: Connection, before: Post, title: str) -> str:
    """Keep the slug unless the title asks for another; the old one goes on leading here."""
    if slug_of(title) == slug_of(before.title):
        return before.slug
    slug = _free_slug(connection, title, before.id)
    if _owner(connection, slug) is None:
        connection.execute(insert(post_slug).values(slug=slug, post_id=before.id))
    return slug


def _free_slug(connection: Connection, title: str, post_id: int | None) -> str:
    slug = slug_of(title)
    return slug if _owner(connection, slug) in (None, post_id) else another_slug(slug)


def _owner(connection: Connection, slug: str) -> int | None:
    return connection.execute(select(post_slug.c.post_id).where(post_slug.c.slug == slug)).scalar()


def _store_tags(connection: Connection, post_id: int, writing: Writing) -> None:
    copied = {"post_id": post_id, "status": writing.status, "publish_at": writing.publish_at}
    connection.execute(delete(post_tag).where(post_tag.c.post_id == post_id))
    if writing.tags:
        connection.execute(insert(post_tag), [{"tag": tag, **copied} for tag in writing.tags])


def _place(
    now: datetime, before: Cursor | None, end: datetime | None = None, **of: object
) -> dict[str, object]:
    """Bind the place in a list: an index takes one upper bound, so `now` is the earliest of all."""
    latest = [now]
    if end is not None:
        latest.append(end - timedelta.resolution)
    if before is not None:
        latest.append(before.publish_at)
        of |= {"at": before.publish_at, "id": before.id}
    return {**of, "now": min(latest)}
