"""Search on SQLite, by its FTS5 table."""

from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, column, table, text

from blog_service.posts.search import PUBLIC_POSTS, Rows
from blog_service.tables import post

# More words than this are left to the index. Its own list is asked for one word after the other, as each step
# past a word would read all its posts; no word has a control character.
_MOST_WORDS = 9
_GOES_ON = text(
    "WITH RECURSIVE found (term) AS ("
    "SELECT (SELECT term FROM post_words WHERE term >= :word LIMIT 1) UNION ALL "
    "SELECT (SELECT term FROM post_words WHERE term >= found.term || char(1) LIMIT 1) "
    "FROM found WHERE term < :end LIMIT :most"
    ") SELECT term FROM found WHERE term >= :word AND term < :end"
)

# The index, a table that gives the newest number first however many there are.
_INDEX = table("post_search", column("rowid"))


def search(connection: Connection, words: list[str], bound: dict[str, Any], below: int | None) -> Rows:
    """Find posts with all of the words, each of which may go on.

    Arguments:
        connection: to read by.
        words: in lower case.
        bound: `now`, and how many rows to find at most, `limit`.
        below: what their numbers are below.
    """
    if not words:
        return []
    query = " AND ".join(_word(word, connection) for word in words)
    place = {} if below is None else {"below": below}
    return list(connection.execute(_select(after_cursor=bool(place)), {**bound, **place, "words": query}))


@cache
def _select(*, after_cursor: bool) -> Select[Any]:
    number = _INDEX.c.rowid
    query = PUBLIC_POSTS.join(_INDEX, number == post.c.id).where(text("post_search MATCH :words"))
    if after_cursor:
        query = query.where(number < bindparam("below"))
    return query.order_by(number.desc())


def _word(word: str, connection: Connection) -> str:
    """Name the few words that this one goes on to: SQLite would read all their posts to merge them."""
    asked = {"word": word, "end": f"{word}\U0010ffff", "most": _MOST_WORDS}
    found = connection.execute(_GOES_ON, asked).scalars().all()
    if not 0 < len(found) < _MOST_WORDS:
        return f'"{word}"*'
    return "(" + " OR ".join(f'"{term}"' for term in found) + ")"
