"""What readers and authors do with posts."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from blog_service.accounts.store import User
from blog_service.errors import NotTheAuthor, PostNotFound, RevisionNotFound
from blog_service.posts.finder import Finder
from blog_service.posts.history import History
from blog_service.posts.listing import Scope
from blog_service.posts.model import Cursor, Feed, Page, Post, Revision, State, Writing
from blog_service.posts.portable import Portable
from blog_service.posts.store import PostStore
from blog_service.posts.visibility import PUBLISHED, may_see
from chassis import get_logger

PAGE_SIZE = 20
SITEMAP_SIZE = 10_000

log = get_logger(__name__)


class Posts:
    """The rules of posts.

    Arguments:
        store: where posts are kept.
        finder: searches them.
        history: where their earlier texts are.
        now: the clock.
    """

    def __init__(
        self, store: PostStore, finder: Finder, history: History, now: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._finder = finder
        self._history = history
        self._now = now

    def newest(self, before: Cursor | None = None, scope: Scope = "all", **of: Any) -> Page:
        """List what everybody may see, newest first."""
        return self._store.newest(self._now(), PAGE_SIZE, before, scope, **of)

    def newest_state(self, before: Cursor | None = None, scope: Scope = "all", **of: Any) -> State:
        """Tell what `newest` would list, without reading it."""
        return self._store.newest_state(self._now(), PAGE_SIZE, before, scope, **of)

    def newest_whole(
        self, before: Cursor | None = None, scope: Scope = "all", **of: Any
    ) -> tuple[list[Post], Cursor | None]:
        """List what everybody may see whole, newest first, and where the next part begins."""
        return self._store.newest_whole(self._now(), PAGE_SIZE, before, scope, **of)

    def search(self, text: str, before: Cursor | None) -> Page:
        """List what everybody may see and has all words of a text, the last written first."""
        return self._finder.search(text, self._now(), PAGE_SIZE, before)

    def addresses(self) -> list[tuple[str, datetime]]:
        """List the slugs of what everybody may see, with the time of the last change."""
        return self._store.addresses(self._now(), SITEMAP_SIZE)

    def feed(self) -> Feed:
        """Read what the feeds show."""
        return self._store.feed(self._now(), PAGE_SIZE)

    def unpublished(self, author: User) -> tuple[Post, ...]:
        """List the author's own drafts and scheduled posts."""
        return self._store.unpublished(author.id, self._now())

    def read(self, slug: str, viewer: User | None) -> Post:
        """Read by a slug, which may be an old one.

        Raises:
            PostNotFound: there is none that this reader may see.
        """
        return self._visible(self._store.get_by_slug(slug), viewer)

    def get(self, post_id: int, viewer: User | None) -> Post:
        """Read by number; raises as `read` does."""
        return self._visible(self._store.get(post_id), viewer)

    def get_own(self, post_id: int, author: User) -> Post:
        """Read a post to change it.

        Raises:
            PostNotFound: there is none that this user may see.
            NotTheAuthor: it is somebody else's.
        """
        post = self.get(post_id, author)
        if post.author_id != author.id:
            raise NotTheAuthor("Only its author may change a post.")
        return post

    def is_hidden(self, post: Post) -> bool:
        """Tell whether only its author sees this post for now."""
        return not may_see(post.status, post.publish_at, post.author_id, now=self._now(), viewer=None)

    def create(self, author: User, writing: Writing) -> Post:
        """Store a new post."""
        now = self._now()
        created = self._store.add(author.id, _with_time(writing, None, now), now, now)
        log.info("post_created", post_id=created.id)
        return created

    def take_out(self, author: User) -> Iterator[Post]:
        """Read all of one's own posts, hidden ones too, oldest first."""
        last = 0
        while part := self._store.by_author(author.id, last, PAGE_SIZE):
            yield from part
            last = part[-1].id

    def bring_in(self, author: User, brought: Iterable[Portable]) -> int:
        """Store posts with the slugs and times that they had; return how many."""
        now, count = self._now(), 0
        for writing, slug, created, updated in brought:
            made = created or writing.publish_at or now
            self._store.add(author.id, _with_time(writing, None, now), made, updated or made, slug)
            count += 1
        log.info("posts_imported", author_id=author.id, posts=count)
        return count

    def update(self, before: Post, version: int | None, writing: Writing) -> Post:
        """Store an edit that began at `version`.

        Raises:
            EditConflict: somebody stored another one since.
        """
        now = self._now()
        writing = _with_time(writing, before.publish_at, now)
        changed = self._store.change(before, version or before.version, writing, now)
        log.info("post_updated", post_id=before.id)
        return changed

    def revisions(self, post: Post) -> list[Revision]:
        """List what one's own post was, newest first, without the bodies."""
        return self._history.of_post(post.id)

    def revision(self, post: Post, version: int) -> Revision:
        """Read what one's own post was.

        Raises:
            RevisionNotFound: it was never replaced in this version.
        """
        found = self._history.get(post.id, version)
        if found is None:
            raise RevisionNotFound("There is no such version.")
        return found

    def restore(self, post: Post, version: int) -> Post:
        """Make an earlier text the current one, as an edit like others; raises as `revision` does."""
        old = self.revision(post, version)
        return self.update(
            post, post.version, Writing(old.title, old.body, old.tags, post.status, post.publish_at)
        )

    def delete(self, post: Post) -> None:
        """Delete a post for good."""
        self._store.delete(post.id)
        log.info("post_deleted", post_id=post.id)

    def _visible(self, post: Post | None, viewer: User | None) -> Post:
        viewer_id = viewer.id if viewer else None
        if post is None or not may_see(
            post.status, post.publish_at, post.author_id, now=self._now(), viewer=viewer_id
        ):
            raise PostNotFound("There is no such post.")
        return post


def _with_time(writing: Writing, earlier: datetime | None, now: datetime) -> Writing:
    """A post keeps its time until it is given another; published without one, it is public now."""
    publish_at = writing.publish_at or earlier
    if publish_at is None and writing.status == PUBLISHED:
        publish_at = now
    return replace(writing, publish_at=publish_at)
