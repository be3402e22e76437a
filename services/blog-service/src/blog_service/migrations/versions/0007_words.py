"""The words of SQLite's full-text index, to look up before a search."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make a view of the index; MySQL has none that is quick."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE IF NOT EXISTS post_words USING fts5vocab (post_search, instance)")
