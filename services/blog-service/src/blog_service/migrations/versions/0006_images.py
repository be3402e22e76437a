"""Images that authors upload."""

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from blog_service.migrations.steps import MOMENT, add_index, add_table, exact, reference

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add a table of what is known of them, and one of their bytes."""
    add_table(
        "image",
        sa.Column("number", sa.Integer, primary_key=True),
        reference("user_id"),
        sa.Column("id", exact(64), nullable=False),
        sa.Column("extension", exact(8), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("alt", sa.String(500), nullable=False),
        sa.Column("created", MOMENT, nullable=False),
    )
    add_index("image_owner", "image", ["user_id", "id"], unique=True)
    add_index("image_address", "image", ["id", "extension", "user_id"])
    content = sa.LargeBinary().with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")
    add_table(
        "image_content",
        sa.Column("name", exact(128), primary_key=True),
        sa.Column("content", content, nullable=False),
    )
