"""The queries of lists: one each, at a cost that does not grow with the blog."""

from functools import cache
from typing import Any, Literal

from sqlalchemy import Select, String, bindparam, case, cast, func, or_, select
from sqlalchemy.sql.expression import FromClause

from blog_service.column_types import UTCDateTime
from blog_service.posts.visibility import is_public
from blog_service.tables import post, post_tag, user

Scope = Literal["all", "tag", "author", "month"]

COLUMNS = (
    post.c.id,
    post.c.slug,
    post.c.title,
    post.c.summary,
    post.c.tags,
    post.c.publish_at,
    post.c.version,
    post.c.author_id,
    user.c.username,
)
# The body of a feed's entry; a long post is read on its page.
_FEED_HTML = case((func.length(post.c.html) <= 64 * 1024, post.c.html)).label("html")


@cache
def listing_query(scope: Scope, *, after_cursor: bool) -> Select[Any]:
    """Select the newest public posts.

    Binds `now` and `limit`; by scope `tag`, `author_id` or `first`; and `at` and `id` of the cursor. An index
    takes one upper bound, so `now` is the earliest of the present, `at`, and the end of the month.
    """
    return _newest(_with_author(*COLUMNS), scope, after_cursor=after_cursor)


@cache
def state_query(scope: Scope, *, after_cursor: bool) -> Select[Any]:
    """Select which posts `listing_query` would, in which version, as one text; binds as that does."""
    version = cast(post.c.id, String) + "." + cast(post.c.version, String)
    part = _newest(select(version.label("version")), scope, after_cursor=after_cursor).subquery()
    return select(func.group_concat(part.c.version))


@cache
def feed_query() -> Select[Any]:
    """Select the newest public posts with what a feed shows; binds `now` and `limit`."""
    columns = (*COLUMNS, post.c.updated, post.c.renderer, _FEED_HTML)
    return _newest(_with_author(*columns), "all", after_cursor=False)


@cache
def full_query(scope: Scope, *, after_cursor: bool) -> Select[Any]:
    """Select the newest public posts whole; binds as `listing_query` does."""
    return _newest(_with_author(post, user.c.username), scope, after_cursor=after_cursor)


@cache
def sitemap_query() -> Select[Any]:
    """Select where the newest public posts are, and when they changed; binds `now` and `limit`."""
    query = select(post.c.slug, post.c.publish_at, post.c.updated).where(is_public(post))
    return query.order_by(post.c.publish_at.desc(), post.c.id.desc()).limit(bindparam("limit"))


def _with_author(*columns: Any) -> Select[Any]:
    return select(*columns).join_from(post, user, user.c.id == post.c.author_id)


def _newest(query: Select[Any], scope: Scope, *, after_cursor: bool) -> Select[Any]:
    """Choose the posts by one index before all else is read: MySQL might join every post, and sort them."""
    chosen = _choice(scope, after_cursor=after_cursor).subquery("chosen")
    query = query.join(chosen, chosen.c.id == post.c.id).where(is_public(post))
    return query.order_by(chosen.c.publish_at.desc(), chosen.c.id.desc())


def _choice(scope: Scope, *, after_cursor: bool) -> Select[Any]:
    source: FromClause = post_tag if scope == "tag" else post
    number = post_tag.c.post_id if scope == "tag" else post.c.id
    query = select(number.label("id"), source.c.publish_at).where(is_public(source))
    if scope == "tag":
        query = query.where(post_tag.c.tag == bindparam("tag", type_=String))
    if scope == "author":
        query = query.where(post.c.author_id == bindparam("author_id"))
    if scope == "month":
        query = query.where(post.c.publish_at >= bindparam("first", type_=UTCDateTime))
    if after_cursor:
        at = bindparam("at", type_=UTCDateTime)
        query = query.where(or_(source.c.publish_at < at, number < bindparam("id")))
    return query.order_by(source.c.publish_at.desc(), number.desc()).limit(bindparam("limit"))
