"""Full-text search over posts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_FIELDS = "title, body, tags"
_FORGET = (
    "INSERT INTO post_search (post_search, rowid, title, body, tags) "
    "VALUES ('delete', old.id, old.title, old.body, old.tags);"
)
_LEARN = "INSERT INTO post_search (rowid, title, body, tags) VALUES (new.id, new.title, new.body, new.tags);"


def upgrade() -> None:
    """Make the index, and fill it."""
    if op.get_bind().dialect.name == "sqlite":
        _add_table()
    elif "post_search" not in {known["name"] for known in sa.inspect(op.get_bind()).get_indexes("post")}:
        op.create_index("post_search", "post", ["title", "body", "tags"], mysql_prefix="FULLTEXT")


def _add_table() -> None:
    op.execute(f"CREATE VIRTUAL TABLE post_search USING fts5 ({_FIELDS}, content='post', content_rowid='id')")
    for event, steps in (
        ("INSERT", _LEARN),
        ("DELETE", _FORGET),
        (f"UPDATE OF {_FIELDS}", f"{_FORGET} {_LEARN}"),
    ):
        name = f"post_search_{event.partition(' ')[0].lower()}"
        op.execute(f"CREATE TRIGGER {name} AFTER {event} ON post BEGIN {steps} END")
    op.execute("INSERT INTO post_search (post_search) VALUES ('rebuild')")
