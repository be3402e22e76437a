"""What rows of the post table are outside the database."""

from typing import Any

from sqlalchemy import Row

from blog_service.posts.html import RENDERER, render_markdown
from blog_service.posts.model import Cursor, Listed, Page, Post, State, split_tags


def page_of(rows: list[Row[Any]], limit: int) -> Page:
    """Make a part of a list of its rows and the one behind it."""
    return Page(tuple(listed_of(row) for row in rows[:limit]), cursor_after(rows, limit), state_of(rows))


def cursor_after(rows: list[Row[Any]], limit: int) -> Cursor | None:
    """Tell where the next part begins, if there is one."""
    last = rows[limit - 1] if len(rows) > limit else None
    return Cursor(last.publish_at, last.id) if last else None


def state_of(rows: list[Row[Any]]) -> State:
    """Tell what the page of these rows depends on."""
    return tuple(sorted(f"{row.id}.{row.version}" for row in rows))


def listed_of(row: Row[Any]) -> Listed:
    """The columns of a listing come in the order of the fields."""
    number, slug, title, summary, tags, *rest = row[: len(Listed._fields)]
    return Listed(number, slug, title, summary or "", split_tags(tags), *rest)


def post_of(row: Row[Any] | None) -> Post | None:
    """Make a post, if there is one."""
    return whole_of(row) if row else None


def whole_of(row: Row[Any]) -> Post:
    """Make a post of all its columns."""
    return Post(
        row.id,
        row.author_id,
        row.username,
        row.title,
        row.body,
        row.slug,
        row.status,
        row.publish_at,
        row.created,
        row.updated,
        row.version,
        split_tags(row.tags),
        row.summary or "",
        current_html(row) or render_markdown(row.body),
    )


def current_html(row: Row[Any]) -> str | None:
    """Return the stored HTML, unless another renderer made it."""
    html: str | None = row.html if row.renderer == RENDERER else None
    return html
