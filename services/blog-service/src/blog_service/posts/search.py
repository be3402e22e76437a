"""Full-text search: MySQL's FULLTEXT index, or SQLite's FTS5 table."""

import re
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, bindparam, column, select, table, text
from sqlalchemy.dialects.mysql import match

from blog_service.posts.listing import COLUMNS
from blog_service.posts.shelves import is_shelf
from blog_service.posts.visibility import is_public
from blog_service.tables import post, user

MAX_LENGTH = 200
MAX_WORDS = 10
_WORD = re.compile(r"\w+")
# InnoDB indexes no shorter words, nor these (information_schema.innodb_ft_default_stopword).
_MYSQL_LEAST = 3
_MYSQL_IGNORES = frozenset(
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

# The index of SQLite, a table that gives the newest number first however many there are.
_INDEX = table("post_search", column("rowid"))


@cache
def search_query(dialect: str, *, after_cursor: bool) -> Select[Any]:
    """Select the newest public posts with the words of a query.

    Binds `now`, `words`, `limit`, and `id` of the cursor; on MySQL `lowest`, too.
    """
    query = select(*COLUMNS).join_from(post, user, user.c.id == post.c.author_id).where(is_public(post))
    number: ColumnElement[int] = post.c.id
    if dialect == "sqlite":
        number = _INDEX.c.rowid
        query = query.join(_INDEX, number == post.c.id).where(text("post_search MATCH :words"))
    else:
        words = bindparam("words", type_=String)
        fields = (post.c.title, post.c.body, post.c.tags, post.c.shelf)
        query = query.where(match(*fields, against=words).in_boolean_mode(), number >= bindparam("lowest"))
    if after_cursor:
        query = query.where(number < bindparam("id"))
    return query.order_by(number.desc()).limit(bindparam("limit"))


def query_of(text: str, connection: Connection) -> str:
    """Make a query for all words of a text, each of which may go on; empty when none can be found."""
    words = _WORD.findall(text.lower())[:MAX_WORDS]
    if connection.dialect.name == "sqlite":
        return " AND ".join(_sqlite_word(word, connection) for word in words)
    return mysql_query(words)


def mysql_query(words: list[str]) -> str:
    """Ask for the words that MySQL has in its index."""
    indexed = [word for word in words if len(word) >= _MYSQL_LEAST and word not in _MYSQL_IGNORES]
    indexed = [word for word in indexed if not is_shelf(word)]
    return " ".join(f"+{word}*" for word in indexed)


def _sqlite_word(word: str, connection: Connection) -> str:
    """Name the few words that this one goes on to: SQLite would read all their posts to merge them."""
    found = (
        connection.execute(_GOES_ON, {"word": word, "end": f"{word}\U0010ffff", "most": _MOST_WORDS})
        .scalars()
        .all()
    )
    if not 0 < len(found) < _MOST_WORDS:
        return f'"{word}"*'
    return "(" + " OR ".join(f'"{term}"' for term in found) + ")"
