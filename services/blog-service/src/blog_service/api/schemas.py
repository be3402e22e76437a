"""What the API takes and gives."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from blog_service.posts.html import place_images
from blog_service.posts.model import Post, Writing
from blog_service.posts.tags import parse_tags
from blog_service.posts.visibility import PUBLISHED
from blog_service.posts.writing import (
    MAX_BODY_BYTES,
    MAX_TITLE_LENGTH,
    body_fault,
    parse_timestamp,
    title_fault,
)

# For the document; what is said of a fault is better than that it does not match.
_LINE = r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029]"
_TITLE = rf"^{_LINE}*(?!\s){_LINE}+$"
_BODY = r"^[^\u0000-\u0008\u000b-\u001f\u007f]*$"
Status = Literal["draft", "published"]


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        return parse_timestamp(value if isinstance(value, str) else "")
    except ValueError as exc:
        raise ValueError("A moment is an RFC 3339 timestamp such as 2030-01-31T09:00:00Z.") from exc


def _checked(value: str, fault: str | None) -> str:
    if fault:
        raise ValueError(fault)
    return value


class PostIn(BaseModel):
    """A post to store."""

    model_config = ConfigDict(extra="forbid", strict=True)

    title: Annotated[
        str, Field(min_length=1, max_length=MAX_TITLE_LENGTH, json_schema_extra={"pattern": _TITLE})
    ]
    body: Annotated[str, Field(max_length=MAX_BODY_BYTES, json_schema_extra={"pattern": _BODY})] = ""
    tags: list[str] = []
    status: Status = PUBLISHED
    publish_at: Annotated[datetime | None, BeforeValidator(_moment)] = None

    @field_validator("title")
    @classmethod
    def _check_title(cls, title: str) -> str:
        return _checked(title.strip(), title_fault(title) or title_fault(title.strip()))

    @field_validator("body")
    @classmethod
    def _check_body(cls, body: str) -> str:
        return _checked(body, body_fault(body))

    @field_validator("tags")
    @classmethod
    def _check_tags(cls, tags: list[str]) -> list[str]:
        if any("," in tag for tag in tags):
            raise ValueError("A tag has no comma.")
        return list(parse_tags(",".join(tags)))

    def writing(self) -> Writing:
        """Return what was written."""
        return Writing(self.title, self.body, tuple(self.tags), self.status, self.publish_at)


class PostOut(BaseModel):
    """A stored post."""

    id: int
    slug: str
    title: str
    body: str
    html: str
    tags: list[str]
    status: str
    author: str
    created_at: datetime
    updated_at: datetime | None
    publish_at: datetime | None

    @classmethod
    def of(cls, post: Post, base: str) -> "PostOut":
        """Describe a post; its own images are under `base`."""
        return cls.model_construct(
            id=post.id,
            slug=post.slug,
            title=post.title,
            body=post.body,
            html=place_images(str(post.html), base),
            tags=list(post.tags),
            status=post.status,
            author=post.author,
            created_at=post.created,
            updated_at=post.updated,
            publish_at=post.publish_at,
        )


class PostList(BaseModel):
    """A part of the list, newest first; `next` is the `before` of the following one."""

    items: list[PostOut]
    next: str | None
