"""One write to the store: takes the counter's lock, and the next number when something changes."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from config_service.documents import Action, Change, Config, decode, encode, same_json
from config_service.search import terms_of
from config_service.tables import config_terms, configs, revision_counter, revisions

# The first statement of a write locks the counter until the commit: numbers follow the order of commits,
# and a write that fails leaves no gap. (SQLite takes its write lock when the transaction begins.)
_LOCK_COUNTER = select(revision_counter.c.value).with_for_update()
_FORGET_TERM = delete(config_terms).where(
    config_terms.c.name == bindparam("name_"), config_terms.c.term == bindparam("term_")
)

SELECT_CONFIGS = select(*configs.c)


class Transaction:
    """Everything changed in it gets one revision number; nothing changed, none.

    Args:
        connection: in a database transaction that has not read anything yet.
        change: who writes, and why.
    """

    def __init__(self, connection: Connection, change: Change) -> None:
        self._connection = connection
        self._change = change
        self._revision: int = connection.execute(_LOCK_COUNTER).scalar_one() + 1
        self._now = datetime.now(UTC)
        self._entries = 0

    def get(self, name: str) -> Config | None:
        """Return the document of that name, as this transaction sees it."""
        row = self._connection.execute(SELECT_CONFIGS.where(configs.c.name == name)).one_or_none()
        return Config(*row) if row else None

    def create(
        self, name: str, schema: str | None, metadata: dict[str, Any], *, action: Action = "create"
    ) -> Config:
        """Add a document under a name that is free."""
        config = Config(name, schema, encode(metadata), self._revision, self._now, self._now)
        self._connection.execute(insert(configs).values(_row(config)))
        self._add_terms(name, terms_of(metadata))
        self._record(action, config)
        return config

    def update(
        self, current: Config, schema: str | None, metadata: dict[str, Any], *, action: Action = "update"
    ) -> Config:
        """Give a document new content; the same content changes nothing."""
        text = encode(metadata)
        if schema == current.schema and same_json(text, current.metadata):
            return current
        config = Config(current.name, schema, text, self._revision, current.created_at, self._now)
        self._connection.execute(update(configs).where(configs.c.name == current.name).values(_row(config)))
        self._replace_terms(current, metadata)
        self._record(action, config)
        return config

    def delete(self, current: Config) -> None:
        """Remove a document; its history stays."""
        self._connection.execute(delete(configs).where(configs.c.name == current.name))
        self._connection.execute(delete(config_terms).where(config_terms.c.name == current.name))
        self._record("delete", current)

    def finish(self) -> None:
        """Move the counter, if anything changed; the caller commits."""
        if self._entries:
            self._connection.execute(update(revision_counter).values(value=self._revision))

    def _replace_terms(self, current: Config, metadata: dict[str, Any]) -> None:
        old, new = terms_of(decode(current.metadata)), terms_of(metadata)
        if gone := [{"name_": current.name, "term_": term} for term in old - new]:
            self._connection.execute(_FORGET_TERM, gone)
        self._add_terms(current.name, new - old)

    def _add_terms(self, name: str, terms: Iterable[bytes]) -> None:
        if rows := [{"term": term, "name": name} for term in sorted(terms)]:
            self._connection.execute(insert(config_terms), rows)

    def _record(self, action: Action, config: Config) -> None:
        gone = action == "delete"
        entry = {
            "revision": self._revision,
            "k": self._entries,
            "name": config.name,
            "action": action,
            "schema_name": None if gone else config.schema,
            "metadata": None if gone else config.metadata,
            "author": self._change.author,
            "at": self._now,
            "reason": self._change.reason,
        }
        self._connection.execute(insert(revisions).values(entry))
        self._entries += 1


def _row(config: Config) -> dict[str, Any]:
    return {
        "name": config.name,
        "schema_name": config.schema,
        "metadata": config.metadata,
        "revision": config.revision,
        "created_at": config.created_at,
        "modified_at": config.modified_at,
    }
