"""Shelves, for MySQL to search the newest posts first; its older index stays for the version before."""

import sqlalchemy as sa
from alembic import op

from blog_service.migrations.steps import add_column, add_index

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column, fill it while no index follows, and add the index."""
    add_column("post", sa.Column("shelf", sa.String(64), nullable=False, server_default="0_new"))
    if op.get_bind().dialect.name in ("mysql", "mariadb"):
        op.execute(
            "UPDATE post SET shelf = CONCAT('0_9_', id >> 9, ' 0_12_', id >> 12, ' 0_15_', id >> 15) "
            "WHERE shelf = '0_new'"
        )
        fields = ["title", "body", "tags", "shelf"]
        add_index("post_search_shelf", "post", fields, mysql_prefix="FULLTEXT")
