"""What searches on every database have in common."""

import re
from typing import Any

from sqlalchemy import Row, bindparam, select

from blog_service.posts.listing import COLUMNS
from blog_service.posts.visibility import is_public
from blog_service.tables import post, user

MAX_LENGTH = 200
MAX_WORDS = 10
_WORD = re.compile(r"\w+")

Rows = list[Row[Any]]

# The newest public posts; binds `now` and `limit`.
PUBLIC_POSTS = (
    select(*COLUMNS)
    .join_from(post, user, user.c.id == post.c.author_id)
    .where(is_public(post))
    .limit(bindparam("limit"))
)


def words_of(text: str) -> list[str]:
    """Find the words of a text that are looked for."""
    return _WORD.findall(text.lower())[:MAX_WORDS]
