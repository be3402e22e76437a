"""Comments in the database."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update

from blog_service.accounts.store import User
from blog_service.database import Database
from blog_service.tables import comment, post, user

APPROVED, WAITING = "approved", "waiting"
_MOST = 500
_COLUMNS = (
    comment.c.id,
    comment.c.post_id,
    comment.c.user_id,
    user.c.username,
    comment.c.created,
    comment.c.status,
    comment.c.body,
    post.c.author_id,
)
_FULL = (
    select(*_COLUMNS)
    .join_from(comment, user, user.c.id == comment.c.user_id)
    .join(post, post.c.id == comment.c.post_id)
)
_OF_POST = _FULL.where(comment.c.post_id == bindparam("post_id")).order_by(comment.c.id).limit(_MOST)
_ONE = _FULL.where(comment.c.id == bindparam("comment_id"))


class Comment(NamedTuple):
    """A comment, with who wrote it and whose post it is about."""

    id: int
    post_id: int
    user_id: int
    username: str
    created: datetime
    status: str
    body: str
    author_id: int

    def is_shown_to(self, viewer: User | None) -> bool:
        """Tell whether one reader sees it: until it is approved, who wrote it and who decides."""
        return self.status == APPROVED or (viewer is not None and viewer.id in (self.user_id, self.author_id))


class CommentStore:
    """Reads and writes comments.

    Arguments:
        database: where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_post(self, post_id: int) -> list[Comment]:
        """Read the comments of a post, oldest first."""
        with self._database.read() as connection:
            return [Comment(*row) for row in connection.execute(_OF_POST, {"post_id": post_id})]

    def get(self, comment_id: int) -> Comment | None:
        """Read one comment."""
        with self._database.read() as connection:
            row = connection.execute(_ONE, {"comment_id": comment_id}).first()
        return Comment(*row) if row else None

    def add(self, post_id: int, user_id: int, body: str, status: str, now: datetime) -> None:
        """Store a new comment."""
        values = {"post_id": post_id, "user_id": user_id, "body": body, "status": status, "created": now}
        self._database.execute(insert(comment).values(**values))

    def approve(self, comment_id: int) -> None:
        """Let everybody see a comment."""
        self._database.execute(update(comment).where(comment.c.id == comment_id).values(status=APPROVED))

    def delete(self, comment_id: int) -> None:
        """Delete a comment for good."""
        self._database.execute(delete(comment).where(comment.c.id == comment_id))
