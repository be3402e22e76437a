"""The tables, as the newest migration leaves them."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
)

from blog_service.column_types import Exact, LongText, MediumBlob, MediumText, UTCDateTime

MIGRATION = "0009"  # the one that brings these tables

# Of a post that an older version of the blog has stored.
UNSHELVED = "0_new"

metadata = MetaData()

user = Table(
    "user",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("username", Exact(255), nullable=False, unique=True),
    Column("password", String(255), nullable=False),
    Column("username_key", Exact(768)),
    Index("user_username_key", "username_key", unique=True),
)

login_session = Table(
    "login_session",
    metadata,
    Column("token_hash", Exact(64), primary_key=True),
    Column("user_id", ForeignKey("user.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires", UTCDateTime, nullable=False),
)

login_failure = Table(
    "login_failure",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_hash", Exact(64), nullable=False),
    Column("address", Exact(64), nullable=False),
    Column("failed", UTCDateTime, nullable=False),
    Index("login_failure_account", "account_hash", "address", "failed"),
    Index("login_failure_address", "address", "failed"),
    Index("login_failure_failed", "failed"),
)

post = Table(
    "post",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("author_id", ForeignKey("user.id"), nullable=False),
    Column("created", UTCDateTime, nullable=False),
    Column("title", String(255), nullable=False),
    Column("body", MediumText, nullable=False),
    Column("slug", Exact(128)),
    Column("status", Exact(16), nullable=False, server_default="published"),
    Column("publish_at", UTCDateTime),
    Column("updated", UTCDateTime),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("summary", String(500)),
    Column("tags", String(1000)),
    Column("html", LongText),
    Column("renderer", SmallInteger),
    # For MySQL's search (posts/shelves.py), which makes `terms` of it.
    Column("shelf", String(64), nullable=False, server_default=UNSHELVED),
    Index("post_slug_unique", "slug", unique=True),
    Index("post_listing", "status", "publish_at", "id"),
    Index("post_author_listing", "author_id", "status", "publish_at", "id"),
)

# Every slug a post ever had, so that old links go on working.
post_slug = Table(
    "post_slug",
    metadata,
    Column("slug", Exact(128), primary_key=True),
    Column("post_id", ForeignKey("post.id", ondelete="CASCADE"), nullable=False, index=True),
)

post_tag = Table(
    "post_tag",
    metadata,
    Column("tag", Exact(64), primary_key=True),
    Column("post_id", ForeignKey("post.id", ondelete="CASCADE"), primary_key=True),
    # A copy of the post's own, so that a tag's page reads one index however many posts there are.
    Column("status", Exact(16), nullable=False),
    Column("publish_at", UTCDateTime),
    Index("post_tag_listing", "tag", "status", "publish_at", "post_id"),
    Index("post_tag_post", "post_id"),
)

comment = Table(
    "comment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("post_id", ForeignKey("post.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
    Column("created", UTCDateTime, nullable=False),
    Column("status", Exact(16), nullable=False),
    Column("body", MediumText, nullable=False),
    Index("comment_listing", "post_id", "id"),
    Index("comment_user", "user_id"),
)

# What a post was before each edit.
post_revision = Table(
    "post_revision",
    metadata,
    Column("post_id", ForeignKey("post.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("saved", UTCDateTime),
    Column("title", String(255), nullable=False),
    Column("body", MediumText, nullable=False),
    Column("tags", String(1000)),
)

access_token = Table(
    "access_token",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
    Column("token_hash", Exact(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("created", UTCDateTime, nullable=False),
    Index("access_token_hash", "token_hash", unique=True),
    Index("access_token_user", "user_id"),
)

image = Table(
    "image",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("user_id", ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
    Column("id", Exact(64), nullable=False),
    Column("extension", Exact(8), nullable=False),
    Column("size", Integer, nullable=False),
    Column("alt", String(500), nullable=False),
    Column("created", UTCDateTime, nullable=False),
    Index("image_owner", "user_id", "id", unique=True),
    Index("image_address", "id", "extension", "user_id"),
)

# The bytes of images, where neither a folder nor a bucket has them.
image_content = Table(
    "image_content",
    metadata,
    Column("name", Exact(128), primary_key=True),
    Column("content", MediumBlob, nullable=False),
)
