"""Room for all languages, long posts, slugs, drafts, tags, login sessions and the throttle.

Only adds and widens: the original blog goes on working on these tables while it is replaced.
Each step looks before it leaps, as MySQL cannot take back a run that was cut off half way.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"

_MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def _exact(length: int) -> sa.String:
    binary = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return sa.String(length).with_variant(binary, "mysql", "mariadb")


def _add_column(table: str, column: sa.Column[Any]) -> None:
    if column.name not in {known["name"] for known in sa.inspect(op.get_bind()).get_columns(table)}:
        op.add_column(table, column)


def _add_index(name: str, table: str, columns: list[str], *, unique: bool = False) -> None:
    if name not in {known["name"] for known in sa.inspect(op.get_bind()).get_indexes(table)}:
        op.create_index(name, table, columns, unique=unique)


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
    _add_column("user", sa.Column("username_key", _exact(768)))
    _add_index("user_username_key", "user", ["username_key"], unique=True)
    html = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")
    for column in (
        sa.Column("slug", _exact(128)),
        sa.Column("status", _exact(16), nullable=False, server_default="published"),
        sa.Column("publish_at", _MOMENT),
        sa.Column("updated", _MOMENT),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("summary", sa.String(500)),
        sa.Column("tags", sa.String(1000)),
        sa.Column("html", html),
        sa.Column("renderer", sa.SmallInteger),
    ):
        _add_column("post", column)
    _add_index("post_slug_unique", "post", ["slug"], unique=True)
    _add_index("post_listing", "post", ["status", "publish_at", "id"])
    _add_index("post_author_listing", "post", ["author_id", "status", "publish_at", "id"])


def _add_login_tables() -> None:
    op.create_table(
        "login_session",
        sa.Column("token_hash", _exact(64), primary_key=True),
        sa.Column("user_id", sa.Integer, sa.ForeignKey("user.id", ondelete="CASCADE"), nullable=False),
        sa.Column("expires", _MOMENT, nullable=False),
        if_not_exists=True,
        mysql_charset="utf8mb4",
    )
    _add_index("ix_login_session_user_id", "login_session", ["user_id"])
    op.create_table(
        "login_failure",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_hash", _exact(64), nullable=False),
        sa.Column("address", _exact(64), nullable=False),
        sa.Column("failed", _MOMENT, nullable=False),
        if_not_exists=True,
        mysql_charset="utf8mb4",
        sqlite_autoincrement=True,
    )
    _add_index("login_failure_account", "login_failure", ["account_hash", "address", "failed"])
    _add_index("login_failure_address", "login_failure", ["address", "failed"])
    _add_index("login_failure_failed", "login_failure", ["failed"])


def _add_post_tables() -> None:
    op.create_table(
        "post_slug",
        sa.Column("slug", _exact(128), primary_key=True),
        sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id", ondelete="CASCADE"), nullable=False),
        if_not_exists=True,
        mysql_charset="utf8mb4",
    )
    _add_index("ix_post_slug_post_id", "post_slug", ["post_id"])
    op.create_table(
        "post_tag",
        sa.Column("tag", _exact(64), primary_key=True),
        sa.Column("post_id", sa.Integer, sa.ForeignKey("post.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("status", _exact(16), nullable=False),
        sa.Column("publish_at", _MOMENT),
        if_not_exists=True,
        mysql_charset="utf8mb4",
    )
    _add_index("post_tag_listing", "post_tag", ["tag", "status", "publish_at", "post_id"])
    _add_index("post_tag_post", "post_tag", ["post_id"])
