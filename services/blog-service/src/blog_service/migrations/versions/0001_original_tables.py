"""The tables of the Flask tutorial's blog; a database that has them keeps them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make what is not there."""
    op.create_table(
        "user",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("username", sa.String(255), nullable=False, unique=True),
        sa.Column("password", sa.String(255), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "post",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("author_id", sa.Integer, sa.ForeignKey("user.id"), nullable=False),
        sa.Column("created", sa.TIMESTAMP, nullable=False, server_default=sa.func.current_timestamp()),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("body", sa.String(255), nullable=False),
        if_not_exists=True,
    )
