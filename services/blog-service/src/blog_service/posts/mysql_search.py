"""Search on MySQL, by its FULLTEXT indexes: on the newest shelves first, in the end in all posts."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Index, Select, String, bindparam, func, literal_column, select
from sqlalchemy.dialects.mysql import match

from blog_service.posts.search import PUBLIC_POSTS, Rows
from blog_service.posts.shelves import shelves_below
from blog_service.tables import post

# SQLite has tables of its own for this, kept up to date by triggers.
Index("post_search", post.c.title, post.c.body, post.c.tags, mysql_prefix="FULLTEXT").ddl_if(dialect="mysql")
# The version before asks for this one.
Index(
    "post_search_shelf", post.c.title, post.c.body, post.c.tags, post.c.shelf, mysql_prefix="FULLTEXT"
).ddl_if(dialect="mysql")

# Posts to look at: first; next, where the first have none; at once, before all are.
_FIRST, _NEXT, _MOST = 1 << 7, 1 << 13, 1 << 15

# InnoDB indexes no shorter words, nor these (information_schema.innodb_ft_default_stopword).
_LEAST = 3
_IGNORED = frozenset(
    [
        "about",
        "are",
        "com",
        "for",
        "from",
        "how",
        "that",
        "the",
        "this",
        "und",
        "was",
        "what",
        "when",
        "where",
        "who",
        "will",
        "with",
        "www",
    ]
)

_WORDS = (post.c.title, post.c.body, post.c.tags)
# The same, behind the names of their shelves.
_TERMS = (literal_column("post.terms", String),)


def search(connection: Connection, words: list[str], bound: dict[str, Any], below: int | None) -> Rows:
    """Find posts with all of the words, each of which may go on.

    The cost is that of the posts looked at, however many have the words; what is found among the newest tells
    how many more to look at.

    Arguments:
        connection: to read by.
        words: in lower case.
        bound: `now`, and how many rows to find at most, `limit`.
        below: what their numbers are below.
    """
    if not (words := indexed(words)):
        return []
    rows, count, limit = Rows(), _FIRST, bound["limit"]
    end = top = _top(connection, below)
    while count <= _MOST:
        shelves, lowest = shelves_below(end, count)
        part = {"words": words_on(shelves, words), "lowest": lowest, "below": end, "limit": limit - len(rows)}
        rows += connection.execute(_select(on_shelves=True), {**bound, **part})
        if len(rows) == limit or lowest == 0:
            return rows
        end = lowest
        count = _more(top - end, len(rows), limit - len(rows))
    part = {"words": words_anywhere(words), "lowest": 0, "below": end, "limit": limit - len(rows)}
    return rows + list(connection.execute(_select(on_shelves=False), {**bound, **part}))


def indexed(words: list[str]) -> list[str]:
    """Leave out the words that no index has."""
    return [word for word in words if len(word) >= _LEAST and word not in _IGNORED]


def words_anywhere(words: list[str]) -> str:
    """Ask for all of the words."""
    return " ".join(f"+{word}*" for word in words)


def words_on(shelves: list[str], words: list[str]) -> str:
    """Ask for all of the words, each on any of the shelves."""
    return " ".join(f"+({' '.join(f'{shelf}_{word}*' for shelf in shelves)})" for word in words)


def _top(connection: Connection, below: int | None) -> int:
    top: int = (connection.execute(select(func.max(post.c.id))).scalar() or 0) + 1
    return top if below is None else min(top, below)


def _more(seen: int, found: int, missing: int) -> int:
    """Return how many posts to look at next: what is missing should be there, if nothing is it is rare."""
    if found:
        return max(seen, seen * missing // found)
    return _NEXT if seen < _NEXT else _MOST + 1


@cache
def _select(*, on_shelves: bool) -> Select[Any]:
    words = match(*(_TERMS if on_shelves else _WORDS), against=bindparam("words", type_=String))
    query = PUBLIC_POSTS.where(words.in_boolean_mode())
    query = query.where(post.c.id >= bindparam("lowest"), post.c.id < bindparam("below"))
    return query.order_by(post.c.id.desc())
