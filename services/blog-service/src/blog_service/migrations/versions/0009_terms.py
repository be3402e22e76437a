"""Words with their shelf, for MySQL to look a word up on some shelves only.

MySQL makes them from each post, so that what the version before writes is found as well. That version's
index of the shelves alone stays for it; the next one drops it, and the names of the larger shelves.
"""

from string import punctuation, whitespace

from alembic import op

from blog_service.migrations.steps import has_column

revision = "0009"
down_revision = "0008"

# What stands between words; behind any other such character a word is found by its post_search alone.
_ASCII = set(whitespace + punctuation) - {"_"}
_OTHERS = "\xa0¡§«·»¿–—‘’‚“”„•…‹›′″→−\u2009\u202f\u3000、。「」『』（），：；！？"  # noqa: RUF001 - they are meant


def upgrade() -> None:
    """Add the column with its index, at once: each change of a table breaks off what is written meanwhile."""
    if op.get_bind().dialect.name not in ("mysql", "mariadb") or has_column("post", "terms"):
        return
    words = "CONCAT_WS(' ', '', title, tags, body)"
    for separator in sorted(_ASCII | set(_OTHERS)):
        words = f"REPLACE({words}, _utf8mb4 0x{separator.encode().hex()}, ' ')"
    terms = f"REPLACE({words}, ' ', CONCAT(' ', SUBSTRING_INDEX(shelf, ' ', 1), '_'))"
    op.execute(
        f"ALTER TABLE post ADD COLUMN terms MEDIUMTEXT GENERATED ALWAYS AS ({terms}) STORED, "
        "ADD FULLTEXT INDEX post_terms (terms)"
    )
