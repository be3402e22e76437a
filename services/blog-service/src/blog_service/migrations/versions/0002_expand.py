"""Room for all languages, long posts, slugs, drafts, tags, login sessions and the throttle.

Only adds and widens: the original blog goes on working on these tables while it is replaced.
Each step looks before it leaps, as MySQL cannot take back a run that was cut off half way.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from blog_service.migrations.steps import MOMENT, add_column, add_index, exact

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Widen on MySQL, where types bind; then add."""
    if op.get_bind().dialect.name in ("mysql", "mariadb"):
        _widen()
    _add_columns()
    _add_login_tables()
    _add_post_tables()


def _widen() -> None:
    for table in ("user", "post"):
        op.execute(f"ALTER TABLE `{table}` CONVERT TO CHARACTER SET utf8mb4, ROW_FORMAT=DYNAMIC")
    op.execute(
        "ALTER TABLE `user` MODIFY username VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"
    )
    op.execute(
        "ALTER TABLE `post` MODIFY body MEDIUMTEXT NOT NULL, MODIFY title VARCHAR(255) NOT NULL, "
        "MODIFY created DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)"
    )


def _add_columns() -> None:
    add_column("user", sa.Column("username_key", exact(768)))
    add_index("user_username_key", "user", ["username_key"], unique=True)
    html = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
    for column in (
        sa.Column("slug", exact(128)),
        sa.Column("status", exact(16), nullable=False, server_default="published"),
        sa.Column("publish_at", MOMENT),
        sa.Column("updated", MOMENT),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("summary", sa.String(500)),
        sa.Column("tags", sa.String(1000)),
        sa.Column("html", html),
        sa.Column("renderer", sa.SmallInteger),
    ):
        add_column("post", column)
    add_index("post_slug_unique", "post", ["slug"], unique=True)
    add_index("post_listing", "post", ["status", "publish_at", "id"])
    add_index("post_author_listing", "post", ["author_id", "status", "publish_at", "id"])


def _add_login_tables() -> None:
    op.create_table(
        "login_session",
        sa.Column("token_hash", exact(64), primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("expires", MOMENT, nullable=False),
        if_not_exists=True,
        mysql_charset="utf8mb4",
    )
    add_index("ix_login_session_user_id", "login_session", ["user_id"])
    op.create_table(
        "login_failure",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_hash", exact(64), nullable=False),
        sa.Column("address", exact(64), nullable=False),
        sa.Column("failed", MOMENT, nullable=False),
        if_not_exists=True,
        mysql_charset="utf8mb4",
        sqlite_autoincrement=True,
    )
    add_index("login_failure_account", "login_failure", ["account_hash", "address", "failed"])
    add_index("login_failure_address", "login_failure", ["address", "failed"])
    add_index("login_failure_failed", "login_failure", ["failed"])


def _add_post_tables() -> None:
    op.create_table(
        "post_slug",
        sa.Column("slug", exact(128), primary_key=True),
        sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id", ondelete="CASCADE"), nullable=False),
        if_not_exists=True,
        mysql_charset="utf8mb4",
    )
    add_index("ix_post_slug_post_id", "post_slug", ["post_id"])
    op.create_table(
        "post_tag",
        sa.Column("tag", exact(64), primary_key=True),
        sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("status", exact(16), nullable=False),
        sa.Column("publish_at", MOMENT),
        if_not_exists=True,
        mysql_charset="utf8mb4",
    )
    add_index("post_tag_listing", "post_tag", ["tag", "status", "publish_at", "post_id"])
    add_index("post_tag_post", "post_tag", ["post_id"])
