"""Full-text search: MySQL's FULLTEXT index, or SQLite's FTS5 table."""

import re
from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

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


class post_matches(FunctionElement[bool]):  # noqa: N801 - reads like a function of SQL
    """The condition that a post has the words of a query made by `query_of`."""

    inherit_cache = True


@compiles(post_matches, "sqlite")
def _match_sqlite(element: post_matches, compiler: SQLCompiler, **options: Any) -> str:
    words = compiler.process(element.clauses, **options)
    return f"post.id IN (SELECT rowid FROM post_search WHERE post_search MATCH {words})"  # noqa: S608 - bound


@compiles(post_matches, "mysql")
@compiles(post_matches, "mariadb")
def _match_mysql(element: post_matches, compiler: SQLCompiler, **options: Any) -> str:
    words = compiler.process(element.clauses, **options)
    return f"MATCH (post.title, post.body, post.tags) AGAINST ({words} IN BOOLEAN MODE)"


def query_of(text: str, dialect: str) -> str:
    """Make a query for all words of a text, each of which may go on; empty when none can be found."""
    words = _WORD.findall(text.lower())[:MAX_WORDS]
    if dialect == "sqlite":
        return " ".join(f'"{word}"*' for word in words)
    indexed = [word for word in words if len(word) >= _MYSQL_LEAST and word not in _MYSQL_IGNORES]
    return " ".join(f"+{word}*" for word in indexed)
