"""Export and import: everything in the store as one file."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chassis import FieldError, dump_json
from config_service.documents import Change, Schema, decode
from config_service.errors import InvalidConfig
from config_service.json_schema import check_schema_itself
from config_service.schema_service import check_schema, check_users, refuse_builtin, remove_schema
from config_service.store import Store
from config_service.transaction import Transaction
from config_service.v1_schemas import (
    ConfigBody,
    ConfigItem,
    ImportedPart,
    ImportFile,
    ImportResult,
    SchemaItem,
)

PAGE = 200
Item = dict[str, object]


@dataclass(frozen=True, slots=True)
class Export:
    """The store at one moment.

    Attributes:
        revision: the last one that is in it.
        schemas: all of them.
    """

    store: Store
    revision: int
    schemas: list[Schema]

    def json(self) -> Iterator[bytes]:
        """Write JSON, an item a line."""
        yield b'{"version":1,"schemas":['
        yield from _lines({"name": s.name, "schema": decode(s.schema)} for s in self.schemas)
        yield b'\n],"configs":['
        yield from _lines(self._configs())
        yield b"\n]}\n"

    def yaml(self) -> Iterator[bytes]:
        """Write YAML."""
        yield b"version: 1\n"
        yield from _block("schemas", ({"name": s.name, "schema": decode(s.schema)} for s in self.schemas))
        yield from _block("configs", self._configs())

    def _configs(self) -> Iterator[Item]:
        after = ""
        while page := self.store.revisions_at(self.revision, after=after, limit=PAGE):
            after = page[-1].name
            for entry in page:
                if entry.metadata is not None:
                    yield {"name": entry.name, "schema": entry.schema, "metadata": decode(entry.metadata)}


def export(store: Store) -> Export:
    """Begin to export."""
    return Export(store, *store.schemas_now())


def import_file(
    store: Store, file: ImportFile, change: Change, *, replace: bool, dry_run: bool
) -> ImportResult:
    """Write what is in a file, as one revision.

    Args:
        store: to be written to.
        file: schemas and documents.
        change: who imports, and why.
        replace: remove everything that is not in the file.
        dry_run: only say what would be done.

    Raises:
        InvalidConfig: a document breaks a rule.
        InvalidSchema: a schema does.
        SchemaInUse: documents that are not in the file hold on to a schema.
    """
    _refuse_doubles("schemas", (item.name for item in file.schemas))
    _refuse_doubles("configs", (item.name for item in file.configs))
    for number, schema in enumerate(file.schemas):
        refuse_builtin(schema.name)
        check_schema_itself(schema.content, f"/schemas/{number}/schema")

    def work(transaction: Transaction) -> ImportResult:
        schemas, configs = _Part(), _Part()
        for schema in file.schemas:
            _put_schema(transaction, schema, schemas)
        transaction.load(item.name for item in file.configs)
        for number, item in enumerate(file.configs):
            _put(transaction, number, item, configs)
        if replace:
            _remove_others(transaction, file, schemas, configs)
        for name in schemas.updated:
            check_users(transaction, name)
        return ImportResult(
            revision=transaction.last_revision,
            dry_run=dry_run,
            schemas=schemas.result(),
            configs=configs.result(),
        )

    return store.write(change, work, keep=not dry_run)


@dataclass
class _Part:
    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    unchanged: int = 0

    def note(self, name: str, *, existed: bool, changed: bool) -> None:
        if changed:
            (self.updated if existed else self.created).append(name)
        else:
            self.unchanged += 1

    def result(self) -> ImportedPart:
        return ImportedPart(
            created=self.created, updated=self.updated, deleted=self.deleted, unchanged=self.unchanged
        )


def _put_schema(transaction: Transaction, item: SchemaItem, part: _Part) -> None:
    before = transaction.get_schema(item.name)
    after = transaction.put_schema(item.name, item.content)
    part.note(item.name, existed=before is not None, changed=before != after)


def _put(transaction: Transaction, number: int, item: ConfigItem, part: _Part) -> None:
    body = ConfigBody(metadata=item.metadata, schema=item.schema_name)
    check_schema(transaction, body, f"/configs/{number}")
    before = transaction.get(item.name)
    if before is None:
        after = transaction.create(item.name, item.schema_name, item.metadata)
    else:
        after = transaction.update(before, item.schema_name, item.metadata)
    part.note(item.name, existed=before is not None, changed=before != after)


def _remove_others(transaction: Transaction, file: ImportFile, schemas: _Part, configs: _Part) -> None:
    kept = {item.name for item in file.configs}
    configs.deleted = [name for name in transaction.names() if name not in kept]
    transaction.load(configs.deleted)
    for name in configs.deleted:
        if current := transaction.get(name):
            transaction.delete(current)
    kept = {item.name for item in file.schemas}
    schemas.deleted = [name for name in transaction.schema_names() if name not in kept]
    for name in schemas.deleted:
        remove_schema(transaction, name)


def _refuse_doubles(part: str, names: Iterable[str]) -> None:
    doubles = [name for name, count in Counter(names).items() if count > 1]
    if doubles:
        errors = [FieldError(f"/{part}", f"{name} is there more than once.") for name in doubles[:50]]
        raise InvalidConfig("A name may be there once.", errors=errors)


def _lines(items: Iterable[Item]) -> Iterator[bytes]:
    separator = b"\n"
    for item in items:
        yield separator + dump_json(item)
        separator = b",\n"


def _block(name: str, items: Iterator[Item]) -> Iterator[bytes]:
    from config_service.yaml_text import dump_yaml  # noqa: PLC0415 1 MB for who asks for YAML

    first = next(items, None)
    if first is None:
        yield f"{name}: []\n".encode()
        return
    yield f"{name}:\n".encode() + dump_yaml([first]).encode()
    for item in items:
        yield dump_yaml([item]).encode()
