"""One write to the store: takes the counter's lock, and the next number when something changes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from chassis import Forbidden
from config_service import statements
from config_service.documents import Action, Change, Config, Schema, decode, encode, same_json
from config_service.json_schema import Work
from config_service.search import terms_of
from config_service.tables import configs, revision_counter, schema_revisions, schemas

# The first statement of a write locks the counter until the commit: numbers follow the order of commits,
# and a write that fails leaves no gap. (SQLite takes its write lock when the transaction begins.)
_LOCK_COUNTER = select(revision_counter.c.value).with_for_update()

SELECT_CONFIGS = select(*configs.c)
SELECT_SCHEMA = select(*schemas.c).where(schemas.c.name == bindparam("name"))
_CONFIGS = SELECT_CONFIGS.where(configs.c.name.in_(bindparam("names", expanding=True)))


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a document will be; None: deleted."""

    action: Action
    config: Config | None
    terms: frozenset[bytes] = frozenset()


class Transaction:
    """Everything changed in it gets one revision number, and each document one entry; nothing changed, none.

    Documents are kept in memory until the transaction is finished, so that many cost few statements.

    Args:
        connection: in a database transaction that has not read anything yet.
        change: who writes, and why.

    Attributes:
        work: what the checks against schemas may still take, since others wait for the lock.
    """

    def __init__(self, connection: Connection, change: Change) -> None:
        self._connection = connection
        self._change = change
        self._revision: int = connection.execute(_LOCK_COUNTER).scalar_one() + 1
        self._now = datetime.now(UTC)
        self._before: dict[str, Config | None] = {}
        self._drafts: dict[str, _Draft] = {}
        self._schemas: dict[str, Schema | None] = {}
        self._schemas_changed: set[str] = set()
        self.work = Work()

    @property
    def last_revision(self) -> int:
        """The number of this write, or of the one before when it has changed nothing."""
        return self._revision if self._drafts or self._schemas_changed else self._revision - 1

    def get(self, name: str) -> Config | None:
        """Return the document of that name, as this transaction sees it."""
        return self._drafts[name].config if name in self._drafts else self._original(name)

    def load(self, names: Iterable[str]) -> None:
        """Read documents that will be asked for, many at once."""
        for chunk in statements.chunks(name for name in names if name not in self._before):
            self._before |= dict.fromkeys(chunk)
            rows = self._connection.execute(_CONFIGS, {"names": chunk})
            self._before |= {row.name: Config(*row) for row in rows}

    def names(self) -> list[str]:
        """Return the names of all documents, as they were before."""
        return list(self._connection.execute(select(configs.c.name).order_by(configs.c.name)).scalars())

    def create(
        self, name: str, schema: str | None, metadata: dict[str, Any], *, action: Action = "create"
    ) -> Config:
        """Add a document under a name that is free."""
        before, text = self._original(name), encode(metadata)
        if before and _same(before, schema, text):  # changed before by this transaction, and now back again
            self._drafts.pop(name, None)
            return before
        created = before.created_at if before else self._now
        config = Config(name, schema, text, self._revision, created, self._now)
        self._draft(name, _Draft(action, config, frozenset(terms_of(metadata))))
        return config

    def update(
        self, current: Config, schema: str | None, metadata: dict[str, Any], *, action: Action = "update"
    ) -> Config:
        """Give a document new content; the same content changes nothing."""
        if _same(current, schema, encode(metadata)):
            return current
        return self.create(current.name, schema, metadata, action=action)

    def delete(self, current: Config) -> None:
        """Remove a document; its history stays."""
        if self._original(current.name) is None:  # made by this very transaction
            del self._drafts[current.name]
        else:
            self._draft(current.name, _Draft("delete", None))

    def changed(self) -> Iterator[tuple[Config | None, Config | None]]:
        """Go through the documents that change: what each was, and what it will be."""
        for name, draft in self._drafts.items():
            yield self._before[name], draft.config

    def get_schema(self, name: str) -> Schema | None:
        """Return the schema of that name, as this transaction sees it."""
        if name not in self._schemas:
            row = self._connection.execute(SELECT_SCHEMA, {"name": name}).one_or_none()
            self._schemas[name] = Schema(*row) if row else None
        return self._schemas[name]

    def schema_names(self) -> list[str]:
        """Return the names of all schemas."""
        return list(self._connection.execute(select(schemas.c.name).order_by(schemas.c.name)).scalars())

    def put_schema(self, name: str, schema: Any) -> Schema:
        """Add or replace a schema; the same one changes nothing."""
        self._check_prefix("")
        text, current = encode(schema, ""), self.get_schema(name)
        if current and same_json(current.schema, text):
            return current
        created = current.created_at if current else self._now
        new = Schema(name, text, self._revision, created, self._now)
        row = dict(zip(schemas.c.keys(), (name, text, self._revision, created, self._now), strict=True))
        statements.put_rows(self._connection, schemas, [row])
        self._note_schema(name, "update" if current else "create", new)
        return new

    def delete_schema(self, current: Schema) -> None:
        """Remove a schema."""
        self._check_prefix("")
        self._connection.execute(delete(schemas).where(schemas.c.name == current.name))
        self._note_schema(current.name, "delete", None)

    def documents_of(self, schema: str) -> Iterator[Config]:
        """Go through the documents that will name a schema."""
        after = ""
        while chunk := self._documents_of(schema, after):
            yield from (config for config in chunk if config.name not in self._drafts)
            after = chunk[-1].name
        yield from (d.config for d in self._drafts.values() if d.config and d.config.schema == schema)

    def finish(self) -> None:
        """Write the documents and move the counter, if anything changed; the caller commits."""
        if self.last_revision < self._revision:
            return
        written = (_row(draft.config) for draft in self._drafts.values() if draft.config)
        statements.delete_configs(self._connection, (n for n, d in self._drafts.items() if d.config is None))
        statements.put_rows(self._connection, configs, written)
        for names in statements.chunks(self._drafts):
            self._write_terms(names)
        entries = enumerate(self._drafts.items())
        statements.add_revisions(self._connection, (self._entry(k, *item) for k, item in entries))
        statements.set_counter(self._connection, self._revision)

    def _original(self, name: str) -> Config | None:
        if name not in self._before:
            self.load([name])
        return self._before[name]

    def _draft(self, name: str, draft: _Draft) -> None:
        self._check_prefix(name)
        self._drafts[name] = draft

    def _check_prefix(self, name: str) -> None:
        if not name.startswith(self._change.prefix):
            raise Forbidden(f"This token writes only documents whose names begin with {self._change.prefix}.")

    def _documents_of(self, schema: str, after: str) -> list[Config]:
        query = SELECT_CONFIGS.where(configs.c.schema_name == schema, configs.c.name > after)
        rows = self._connection.execute(query.order_by(configs.c.name).limit(statements.CHUNK))
        return [Config(*row) for row in rows]

    def _note_schema(self, name: str, action: Action, schema: Schema | None) -> None:
        self._schemas[name] = schema
        self._schemas_changed.add(name)
        entry = {
            "name": name,
            "revision": self._revision,
            "action": action,
            "schema": schema and schema.schema,
            "author": self._change.author,
            "at": self._now,
            "reason": self._change.reason,
        }
        statements.put_rows(self._connection, schema_revisions, [entry])

    def _write_terms(self, names: Iterable[str]) -> None:
        gone, new = set[tuple[str, bytes]](), set[tuple[str, bytes]]()
        for name in names:
            before, draft = self._before[name], self._drafts[name]
            if draft.config:
                old = terms_of(decode(before.metadata)) if before else set()
                gone |= {(name, term) for term in old - draft.terms}
                new |= {(name, term) for term in draft.terms - old}
        statements.forget_terms(self._connection, gone)
        statements.add_terms(self._connection, new)

    def _entry(self, k: int, name: str, draft: _Draft) -> statements.Row:
        config, action = draft.config, draft.action
        if action in ("create", "update"):
            action = "update" if self._before[name] else "create"
        return {
            "revision": self._revision,
            "k": k,
            "name": name,
            "action": action,
            "schema_name": config and config.schema,
            "metadata": config and config.metadata,
            "author": self._change.author,
            "at": self._now,
            "reason": self._change.reason,
            "created_at": config and config.created_at,
        }


def _same(config: Config, schema: str | None, text: str) -> bool:
    return config.schema == schema and same_json(config.metadata, text)


def _row(config: Config) -> statements.Row:
    return {
        "name": config.name,
        "schema_name": config.schema,
        "metadata": config.metadata,
        "revision": config.revision,
        "created_at": config.created_at,
        "modified_at": config.modified_at,
    }
