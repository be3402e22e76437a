"""What a post is outside the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Self

from blog_service.errors import BadCursor

# The posts that a list shows and the one behind them, each in its version; the same however they were read.
State = tuple[str, ...]


class Listed(NamedTuple):
    """A post as lists show it; a tuple, as it is made often."""

    id: int
    slug: str
    title: str
    summary: str
    tags: tuple[str, ...]
    publish_at: datetime
    version: int
    author_id: int
    author: str


@dataclass(frozen=True, slots=True)
class Post:
    """A whole post."""

    id: int
    author_id: int
    author: str
    title: str
    body: str
    slug: str
    status: str
    publish_at: datetime | None
    created: datetime
    updated: datetime | None
    version: int
    tags: tuple[str, ...]
    summary: str
    html: str


@dataclass(frozen=True, slots=True)
class Writing:
    """What an author hands in."""

    title: str
    body: str
    tags: tuple[str, ...]
    status: str
    publish_at: datetime | None


class Revision(NamedTuple):
    """What a post was before an edit."""

    version: int
    saved: datetime | None
    title: str
    body: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list: right after one post."""

    publish_at: datetime
    id: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote.

        Raises:
            BadCursor: it is something else.
        """
        stamp, _, number = text.rpartition("_")
        try:
            publish_at, post_id = datetime.fromisoformat(stamp), int(number)
        except ValueError as exc:
            raise BadCursor("This page of the list does not exist.") from exc
        if publish_at.tzinfo is None or not 1000 < publish_at.year < 9999 or not 0 < post_id < 2**31:
            raise BadCursor("This page of the list does not exist.")
        return cls(publish_at, post_id)

    def __str__(self) -> str:
        return f"{self.publish_at:%Y-%m-%dT%H:%M:%S.%fZ}_{self.id}"


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, where the next one begins, and all that the page of a reader depends on."""

    items: tuple[Listed, ...]
    next: Cursor | None
    state: State


@dataclass(frozen=True, slots=True)
class Feed:
    """What the feeds show: each post, when it was changed last, and its HTML if it is short."""

    entries: list[tuple[Listed, datetime, str | None]]
    state: State


def split_tags(stored: str | None) -> tuple[str, ...]:
    """Read the tags of a post as the table holds them."""
    return tuple(stored.split(",")) if stored else ()
