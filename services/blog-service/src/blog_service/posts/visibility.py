"""Who may see a post: the one place that knows."""

from datetime import datetime
from typing import Final

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam
from sqlalchemy.sql.expression import FromClause

from blog_service.column_types import UTCDateTime

PUBLISHED: Final = "published"
DRAFT: Final = "draft"


def is_public(source: FromClause) -> ColumnElement[bool]:
    """Select what everybody may see, of any table with a status and a time; binds `now`."""
    now: BindParameter[datetime] = bindparam("now", type_=UTCDateTime)
    return and_(source.c.status == PUBLISHED, source.c.publish_at <= now)


def may_see(
    status: str, publish_at: datetime | None, author_id: int, *, now: datetime, viewer: int | None
) -> bool:
    """Tell whether one reader may see one post: authors see their own at any time."""
    public = status == PUBLISHED and publish_at is not None and publish_at <= now
    return public or author_id == viewer
