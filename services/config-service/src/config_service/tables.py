"""The tables as the store sees them; migrations make them."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, DateTime, Integer, LargeBinary, MetaData, String, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

MIGRATION = "0003"  # the one that brings these tables

metadata = MetaData()


class Instant(TypeDecorator[datetime]):
    """A moment in UTC; databases keep it without its zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store an aware time as naive UTC."""
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Load a naive UTC time as an aware one."""
        return value and value.replace(tzinfo=UTC)


# One row: the number of the last write to the store.
revision_counter = Table(
    "revision_counter",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

# The documents as they are now.
configs = Table(
    "configs",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("schema_name", String(128)),
    Column("metadata", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("modified_at", Instant, nullable=False),
)

# What each of them was; a revision that changes several documents numbers them by k.
revisions = Table(
    "revisions",
    metadata,
    Column("revision", BigInteger, primary_key=True),
    Column("k", Integer, primary_key=True),
    Column("name", String(128), nullable=False),
    Column("action", String(8), nullable=False),
    Column("schema_name", String(128)),
    Column("metadata", Text),
    Column("author", String(128), nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", String(500)),
    Column("created_at", Instant),
)

# The JSON Schemas that documents may name.
schemas = Table(
    "schemas",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("schema", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("modified_at", Instant, nullable=False),
)

# What each schema was.
schema_revisions = Table(
    "schema_revisions",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("action", String(8), nullable=False),
    Column("schema", Text),
    Column("author", String(128), nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", String(500)),
)

# The search terms of the documents as they are now.
config_terms = Table(
    "config_terms",
    metadata,
    Column("term", LargeBinary, primary_key=True),
    Column("name", String(128), primary_key=True),
)
