"""What `/v1/schemas` does: JSON Schemas, and the documents that keep to them."""

from itertools import islice
from typing import Any

from pydantic import ValidationError

from chassis import FieldError, dump_json
from config_service.documents import Change, Config, Schema, SchemaRevision, decode
from config_service.errors import (
    BuiltinSchema,
    InvalidConfig,
    SchemaInUse,
    SchemaNotFound,
    field_errors,
)
from config_service.json_schema import DIALECT, Work, check_schema_itself, faults
from config_service.schemas import DatacenterMetadata
from config_service.service import SCHEMA
from config_service.store import Store
from config_service.transaction import Transaction
from config_service.v1_schemas import ConfigBody

MAX_LISTED = 100
BUILTIN = dump_json({"$schema": DIALECT, **DatacenterMetadata.model_json_schema()}).decode()


def get_schema(store: Store, name: str) -> str:
    """Return a schema as JSON text.

    Raises:
        SchemaNotFound: there is none of that name.
    """
    return BUILTIN if name == SCHEMA else _existing(store.get_schema(name)).schema


def list_schemas(store: Store) -> list[str]:
    """Return the names of all schemas, also the service's own."""
    return sorted([SCHEMA, *store.list_schemas()])


def list_schema_revisions(
    store: Store, name: str, *, before: int | None = None, limit: int
) -> list[SchemaRevision]:
    """Return the changes of a schema, the latest first, also after its deletion.

    Raises:
        NotFound: there never was one of that name.
    """
    return [] if name == SCHEMA else store.schema_changes.list(name, before=before, limit=limit)


def put_schema(store: Store, name: str, schema: Any, change: Change) -> tuple[Schema, bool]:
    """Add or replace a schema; say whether it was added.

    Raises:
        BuiltinSchema: the service's own has this name.
        InvalidSchema: it is none.
        SchemaInUse: documents that name it would break it.
    """

    refuse_builtin(name)
    check_schema_itself(schema)

    def work(transaction: Transaction) -> tuple[Schema, bool]:
        added = transaction.get_schema(name) is None
        new = transaction.put_schema(name, schema)
        check_users(transaction, name)
        return new, added

    return store.write(change, work)


def check_users(transaction: Transaction, name: str) -> None:
    """Look whether the documents that name a schema keep to it.

    Raises:
        SchemaInUse: they do not.
    """
    schema = _existing(transaction.get_schema(name))
    configs = transaction.documents_of(name)
    broken = (fault for config in configs for fault in _faults_of(config, schema, transaction.work))
    if listed := list(islice(broken, MAX_LISTED)):
        raise SchemaInUse("Documents would break the new schema.", errors=listed)


def delete_schema(store: Store, name: str, change: Change) -> None:
    """Remove a schema.

    Raises:
        BuiltinSchema: it is the service's own.
        SchemaNotFound: there is none of that name.
        SchemaInUse: documents name it.
    """
    store.write(change, lambda transaction: remove_schema(transaction, name))


def remove_schema(transaction: Transaction, name: str) -> None:
    """Remove a schema, as a part of a larger write.

    Raises:
        BuiltinSchema: it is the service's own.
        SchemaNotFound: there is none of that name.
        SchemaInUse: documents name it.
    """
    refuse_builtin(name)
    current = _existing(transaction.get_schema(name))
    users = islice(transaction.documents_of(name), MAX_LISTED)
    if listed := [FieldError(f"/configs/{config.name}/schema", "It names this schema.") for config in users]:
        raise SchemaInUse("Documents name this schema.", errors=listed)
    transaction.delete_schema(current)


def check_schema(transaction: Transaction, body: ConfigBody, below: str = "") -> None:
    """Check a document against the schema that it names.

    Args:
        transaction: in which it is written.
        body: the document.
        below: where it is in the request, a JSON pointer.

    Raises:
        InvalidConfig: it does not keep to it, or there is no such schema.
    """
    if body.schema_name is None:
        return
    if body.schema_name == SCHEMA:
        broken = _datacenter_faults(body.metadata, f"{below}/metadata")
    elif (schema := transaction.get_schema(body.schema_name)) is not None:
        broken = faults(schema.schema, body.metadata, f"{below}/metadata", transaction.work)
    else:
        broken = [FieldError(f"{below}/schema", "There is no schema of this name.")]
    if broken:
        raise InvalidConfig("The document breaks its schema.", errors=broken)


def _datacenter_faults(metadata: dict[str, Any], below: str) -> list[FieldError]:
    try:
        DatacenterMetadata.model_validate(metadata)
    except ValidationError as exc:
        return field_errors(exc, below)
    return []


def _faults_of(config: Config, schema: Schema, work: Work) -> list[FieldError]:
    return faults(schema.schema, decode(config.metadata), f"/configs/{config.name}/metadata", work)[:1]


def _existing(schema: Schema | None) -> Schema:
    if schema is None:
        raise SchemaNotFound("There is no schema of this name.")
    return schema


def refuse_builtin(name: str) -> None:
    """Keep the service's own schema.

    Raises:
        BuiltinSchema: it has this name.
    """
    if name == SCHEMA:
        raise BuiltinSchema("This schema belongs to the service, it cannot be changed.")
