"""Rows that an older blog wrote: they get what this one needs."""

from typing import Any

from sqlalchemy import Connection, insert, select, update

from blog_service.accounts.names import username_key
from blog_service.posts.html import render_markdown, summary_of
from blog_service.posts.shelves import shelve
from blog_service.posts.slugs import another_slug, slug_of
from blog_service.tables import UNSHELVED, post, post_slug, user

_BATCH = 500


def adopt_rows(connection: Connection) -> int:
    """Complete the users and posts that lack something; return how many there were."""
    _shelve_posts(connection)
    return _adopt_users(connection) + _adopt_posts(connection)


def _shelve_posts(connection: Connection) -> None:
    """Look first, then change by number: MySQL would lock every row that it looks at for a change."""
    query = select(post.c.id).where(post.c.shelf == UNSHELVED)
    numbers = connection.execute(query).scalars().all()
    for first in range(0, len(numbers), _BATCH):
        connection.execute(shelve().where(post.c.id.in_(numbers[first : first + _BATCH])))


def _adopt_users(connection: Connection) -> int:
    query = select(user.c.id, user.c.username).where(user.c.username_key.is_(None)).order_by(user.c.id)
    rows = connection.execute(query).all()
    for row in rows:
        key = username_key(row.username)
        taken = connection.execute(select(user.c.id).where(user.c.username_key == key)).first()
        # Two names that differ in letter case only: the later one logs in exactly as it is written.
        own = f"\x1f{row.id}" if taken else key
        connection.execute(update(user).where(user.c.id == row.id).values(username_key=own))
    return len(rows)


def _adopt_posts(connection: Connection) -> int:
    query = select(post.c.id, post.c.title, post.c.body, post.c.created).where(post.c.slug.is_(None))
    count = 0
    while rows := connection.execute(query.order_by(post.c.id).limit(_BATCH)).all():
        for row in rows:
            _adopt_post(connection, row)
        count += len(rows)
    return count


def _adopt_post(connection: Connection, row: Any) -> None:
    slug = slug_of(row.title)
    if connection.execute(select(post_slug).where(post_slug.c.slug == slug)).first():
        slug = another_slug(slug)
    values = {
        "slug": slug,
        "publish_at": row.created,
        "updated": row.created,
        "summary": summary_of(render_markdown(row.body)),
    }
    connection.execute(update(post).where(post.c.id == row.id).values(**values))
    connection.execute(insert(post_slug).values(slug=slug, post_id=row.id))
