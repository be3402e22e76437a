"""What readers do with comments, and the author of the post with them."""

from collections.abc import Callable
from datetime import datetime

from blog_service.accounts.store import User
from blog_service.comments.store import APPROVED, WAITING, Comment, CommentStore
from blog_service.errors import CommentNotFound, NotTheAuthor
from blog_service.posts.model import Post
from chassis import get_logger

log = get_logger(__name__)


class Comments:
    """The rules of comments.

    Arguments:
        store: where comments are kept.
        now: the clock.
        enabled: whether the blog has any.
    """

    def __init__(self, store: CommentStore, now: Callable[[], datetime], *, enabled: bool) -> None:
        self._store = store
        self._now = now
        self.enabled = enabled

    def shown(self, post: Post, viewer: User | None) -> list[Comment]:
        """List what one reader sees below a post."""
        if not self.enabled:
            return []
        return [comment for comment in self._store.of_post(post.id) if comment.is_shown_to(viewer)]

    def add(self, post: Post, user: User, body: str) -> bool:
        """Store a comment, the post's author's own for all to see; tell whether it waits for approval.

        Raises:
            CommentNotFound: the blog has no comments.
        """
        if not self.enabled:
            raise CommentNotFound("There are no comments here.")
        waits = user.id != post.author_id
        self._store.add(post.id, user.id, body, WAITING if waits else APPROVED, self._now())
        log.info("comment_added", post_id=post.id)
        return waits

    def approve(self, comment_id: int, user: User) -> Comment:
        """Let everybody see a comment on one's own post.

        Raises:
            CommentNotFound: there is none that this user may see.
            NotTheAuthor: the post is somebody else's.
        """
        comment = self._visible(comment_id, user)
        if user.id != comment.author_id:
            raise NotTheAuthor("Only the author of the post may approve a comment.")
        self._store.approve(comment_id)
        return comment

    def delete(self, comment_id: int, user: User) -> Comment:
        """Delete one's own comment, or one on one's own post; raises as `approve` does."""
        comment = self._visible(comment_id, user)
        if user.id not in (comment.user_id, comment.author_id):
            raise NotTheAuthor("Only who wrote a comment, or the post, may delete it.")
        self._store.delete(comment_id)
        return comment

    def _visible(self, comment_id: int, user: User) -> Comment:
        comment = self._store.get(comment_id) if self.enabled else None
        if comment is None or not comment.is_shown_to(user):
            raise CommentNotFound("There is no such comment.")
        return comment
