"""Personal access tokens of the JSON API."""

import sqlalchemy as sa

from blog_service.migrations.steps import MOMENT, add_index, add_table, exact, reference

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add their table."""
    add_table(
        "access_token",
        sa.Column("id", sa.Integer, primary_key=True),
        reference("user_id"),
        sa.Column("token_hash", exact(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("created", MOMENT, nullable=False),
    )
    add_index("access_token_hash", "access_token", ["token_hash"], unique=True)
    add_index("access_token_user", "access_token", ["user_id"])
