"""What migrations do; each step looks before it leaps, as MySQL cannot take back half a run."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

MOMENT = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql", "mariadb")


def exact(length: int) -> sa.String:
    """Text that is equal only to itself."""
    binary = mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin")
    return sa.String(length).with_variant(binary, "mysql", "mariadb")


def long_text() -> sa.Text:
    """Text of 1 MiB and more."""
    return sa.Text().with_variant(mysql.MEDIUMTEXT(), "mysql", "mariadb")


def reference(column: str, *, primary_key: bool = False) -> sa.Column[Any]:
    """A column such as `post_id`, whose row goes with the one that it names."""
    table = column.removesuffix("_id")
    target = sa.ForeignKey(f"{table}.id", ondelete="CASCADE")
    return sa.Column(column, sa.Integer, target, nullable=False, primary_key=primary_key)


def add_table(name: str, *columns: Any) -> None:
    """Add a table that is not there."""
    op.create_table(name, *columns, if_not_exists=True, mysql_charset="utf8mb4")


def has_column(table: str, name: str) -> bool:
    """Tell whether a table has a column."""
    return name in {known["name"] for known in sa.inspect(op.get_bind()).get_columns(table)}


def add_column(table: str, column: sa.Column[Any]) -> None:
    """Add a column that is not there."""
    if not has_column(table, column.name):
        op.add_column(table, column)


def add_index(name: str, table: str, columns: list[str], **options: Any) -> None:
    """Add an index that is not there."""
    if name not in {known["name"] for known in sa.inspect(op.get_bind()).get_indexes(table)}:
        op.create_index(name, table, columns, **options)
