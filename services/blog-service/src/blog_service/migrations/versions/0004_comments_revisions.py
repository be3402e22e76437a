"""Comments, and the earlier texts of posts."""

import sqlalchemy as sa

from blog_service.migrations.steps import MOMENT, add_index, add_table, exact, long_text, reference

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add a table for each."""
    add_table(
        "comment",
        sa.Column("id", sa.Integer, primary_key=True),
        reference("post_id"),
        reference("user_id"),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("status", exact(16), nullable=False),
        sa.Column("body", long_text(), nullable=False),
    )
    add_index("comment_listing", "comment", ["post_id", "id"])
    add_index("comment_user", "comment", ["user_id"])
    add_table(
        "post_revision",
        reference("post_id", primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("saved", MOMENT),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("body", long_text(), nullable=False),
        sa.Column("tags", sa.String(1000)),
    )
