"""The history of the JSON Schemas: who changed one, when and why.

Every statement may run again, since MySQL commits each one by itself.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0003"
down_revision = "0002"

NAME = sa.String(128)
JSON_TEXT = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql")
INSTANT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")

schemas = sa.table(
    "schemas", *(sa.column(name) for name in ("name", "schema", "revision", "created_at", "modified_at"))
)


def upgrade() -> None:
    """Add the table, and what is known of the schemas that are there."""
    history = op.create_table(
        "schema_revisions",
        sa.Column("name", NAME, primary_key=True),
        sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("action", sa.String(8), nullable=False),
        sa.Column("schema", JSON_TEXT),
        sa.Column("author", sa.String(128), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("reason", sa.String(500)),
        if_not_exists=True,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_0900_bin",
    )
    action = sa.case((schemas.c.created_at == schemas.c.modified_at, "create"), else_="update")
    columns = (
        schemas.c.name,
        schemas.c.revision,
        action,
        schemas.c.schema,
        sa.literal("unknown"),
        schemas.c.modified_at,
        sa.literal("Written before the history of schemas was kept."),
    )
    # A join, since MySQL takes the table that it inserts into in FROM, and not in a subquery.
    known = history.alias()
    joined = schemas.outerjoin(known, known.c.name == schemas.c.name)
    rest = sa.select(*columns).select_from(joined).where(known.c.name.is_(None))
    op.get_bind().execute(sa.insert(history).from_select(history.c.keys(), rest))
