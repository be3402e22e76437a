"""Documents, their history, the revision counter, and the two datacenters a new store holds.

Lookup indexes are unique constraints, which CREATE TABLE makes in the same statement: MySQL commits
each statement of a migration by itself, so one that was killed must be able to run again.
"""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

from config_service.search import terms_of

revision = "0001"
down_revision = None

NAME = sa.String(128)
JSON_TEXT = sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql")
INSTANT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")
TERM = sa.LargeBinary().with_variant(mysql.BINARY(16), "mysql")

DATACENTERS = ("datacenter-1", "datacenter-2")
METADATA: dict[str, Any] = {
    "limits": {"cpu": {"enabled": True, "value": "500m"}},
    "monitoring": {"enabled": True},
}


def upgrade() -> None:
    """Make the tables and, in a store that is new, the two datacenters."""
    counter = _create(
        "revision_counter",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    configs = _create(
        "configs",
        sa.Column("name", NAME, primary_key=True),
        sa.Column("schema_name", NAME),
        sa.Column("metadata", JSON_TEXT, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("modified_at", INSTANT, nullable=False),
        sa.UniqueConstraint("schema_name", "name", name="uq_configs_schema"),
    )
    revisions = _create(
        "revisions",
        sa.Column("revision", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("k", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("action", sa.String(8), nullable=False),
        sa.Column("schema_name", NAME),
        sa.Column("metadata", JSON_TEXT),
        sa.Column("author", sa.String(128), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.UniqueConstraint("name", "revision", "k", name="uq_revisions_name"),
    )
    terms = _create(
        "config_terms",
        sa.Column("term", TERM, primary_key=True),
        sa.Column("name", NAME, primary_key=True),
        sa.UniqueConstraint("name", "term", name="uq_config_terms_name"),
        sqlite_with_rowid=False,
    )
    connection = op.get_bind()
    if connection.scalar(sa.select(sa.func.count()).select_from(counter)) == 0:
        _seed(connection, counter, configs, revisions, terms)


def _create(name: str, *columns: sa.schema.SchemaItem, **options: Any) -> sa.Table:
    return op.create_table(
        name,
        *columns,
        if_not_exists=True,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_0900_bin",
        **options,
    )


def _seed(
    connection: sa.Connection, counter: sa.Table, configs: sa.Table, revisions: sa.Table, terms: sa.Table
) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    text = json.dumps(METADATA, separators=(",", ":"))
    for number, name in enumerate(DATACENTERS, start=1):
        document = {"name": name, "schema_name": "datacenter", "metadata": text, "revision": number}
        connection.execute(sa.insert(configs).values(**document, created_at=now, modified_at=now))
        entry = {**document, "k": 0, "action": "create", "author": "config-service", "at": now}
        connection.execute(sa.insert(revisions).values(**entry, reason="A new store."))
        connection.execute(sa.insert(terms), [{"term": term, "name": name} for term in terms_of(METADATA)])
    connection.execute(sa.insert(counter).values(id=1, value=len(DATACENTERS)))
