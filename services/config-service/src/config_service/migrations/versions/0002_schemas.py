"""JSON Schemas, and in the history when a document was made: a watcher gets the resource as it was then.

Every statement may run again, since MySQL commits each one by itself.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "0002"
down_revision = "0001"

NAME = sa.String(128)
JSON_TEXT = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql")
INSTANT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")

revisions = sa.table(
    "revisions", *(sa.column(name) for name in ("revision", "k", "name", "action", "at", "created_at"))
)


def upgrade() -> None:
    """Add the table of schemas and the column of creation times."""
    op.create_table(
        "schemas",
        sa.Column("name", NAME, primary_key=True),
        sa.Column("schema", JSON_TEXT, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("modified_at", INSTANT, nullable=False),
        if_not_exists=True,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_0900_bin",
    )
    connection = op.get_bind()
    if "created_at" not in {column["name"] for column in sa.inspect(connection).get_columns("revisions")}:
        op.add_column("revisions", sa.Column("created_at", INSTANT))
    _date(connection)


def _date(connection: sa.Connection) -> None:
    """Fill the column: a document begins where there was none before."""
    created: dict[str, object] = {}
    columns = (revisions.c[name] for name in ("revision", "k", "name", "action", "at"))
    history = connection.execute(sa.select(*columns).order_by(revisions.c.revision, revisions.c.k)).all()
    for number, k, name, action, at in history:
        if action == "delete":
            created.pop(name, None)
            continue
        moment = created.setdefault(name, at)
        entry = (revisions.c.revision == number, revisions.c.k == k)
        connection.execute(sa.update(revisions).where(*entry).values(created_at=moment))
