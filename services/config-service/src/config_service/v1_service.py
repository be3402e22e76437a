"""What `/v1/configs` does: any documents, with preconditions and history."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from chassis import PreconditionFailed, match, none_match
from config_service.documents import Change, Config, decode, etag_of
from config_service.errors import (
    ConfigExists,
    ConfigNotFound,
    InvalidConfig,
    InvalidPatch,
    field_errors,
)
from config_service.json_patch import apply_json_patch
from config_service.merge_patch import merge_patch
from config_service.schema_service import check_schema
from config_service.store import Store
from config_service.transaction import Transaction
from config_service.v1_schemas import ConfigBody, NewConfigBody


@dataclass(frozen=True, slots=True)
class Preconditions:
    """What a client says the document must be before it is changed (RFC 9110 §13)."""

    if_match: str | None = None
    if_none_match: str | None = None

    def check(self, current: Config | None) -> None:
        """Refuse a change of what the client has not seen.

        Raises:
            PreconditionFailed: the document is another.
        """
        etag = etag_of(current.revision) if current else None
        if not match(self.if_match, etag):
            raise PreconditionFailed("The document is not the one that If-Match names.")
        if none_match(self.if_none_match, etag):
            raise PreconditionFailed("There is a document that If-None-Match excludes.")


def get_config(store: Store, name: str) -> Config:
    """Return the document of that name.

    Raises:
        ConfigNotFound: there is none.
    """
    return _existing(store.get(name))


def create_config(store: Store, body: NewConfigBody, conditions: Preconditions, change: Change) -> Config:
    """Add a document.

    Raises:
        ConfigExists: there is one of that name.
        InvalidConfig: it does not keep to its schema.
    """

    def work(transaction: Transaction) -> Config:
        check_schema(transaction, body)
        current = transaction.get(body.name)
        conditions.check(current)
        if current:
            raise ConfigExists("A document of this name exists.")
        return transaction.create(body.name, body.schema_name, body.metadata)

    return store.write(change, work)


def put_config(
    store: Store, name: str, body: ConfigBody, conditions: Preconditions, change: Change
) -> tuple[Config, bool]:
    """Replace a document, or add it; say whether it was added.

    Raises:
        InvalidConfig: it has another name, or does not keep to its schema.
        PreconditionFailed: the document is another.
    """

    def work(transaction: Transaction) -> tuple[Config, bool]:
        _check_name(name, body)
        check_schema(transaction, body)
        current = transaction.get(name)
        conditions.check(current)
        if current is None:
            return transaction.create(name, body.schema_name, body.metadata), True
        return transaction.update(current, body.schema_name, body.metadata), False

    return store.write(change, work)


def patch_config(
    store: Store,
    name: str,
    patch: Any,
    conditions: Preconditions,
    change: Change,
    *,
    json_patch: bool,
) -> Config:
    """Apply a JSON Patch or a merge patch to a document's schema and metadata.

    Raises:
        ConfigNotFound: there is none of that name.
        PreconditionFailed: the document is another.
        PatchConflict: the patch does not fit the document.
        InvalidConfig: the result is no document, has another name or does not keep to its schema.
    """

    def work(transaction: Transaction) -> Config:
        current = _existing(transaction.get(name))
        conditions.check(current)
        body = patched(current, patch, json_patch=json_patch)
        check_schema(transaction, body)
        return transaction.update(current, body.schema_name, body.metadata)

    return store.write(change, work)


def delete_config(store: Store, name: str, conditions: Preconditions, change: Change) -> None:
    """Remove a document; its history stays.

    Raises:
        ConfigNotFound: there is none of that name.
        PreconditionFailed: the document is another.
    """

    def work(transaction: Transaction) -> None:
        current = _existing(transaction.get(name))
        conditions.check(current)
        transaction.delete(current)

    store.write(change, work)


def _existing(config: Config | None) -> Config:
    if config is None:
        raise ConfigNotFound("There is no document of this name.")
    return config


def _content(config: Config) -> dict[str, Any]:
    return {"schema": config.schema, "metadata": decode(config.metadata)}


def patched(current: Config, patch: Any, *, json_patch: bool) -> ConfigBody:
    """Return what a patch makes of a document.

    Raises:
        PatchConflict: the patch does not fit the document.
        InvalidConfig: the result is no document, or has another name.
    """
    body = _patched(current, patch, json_patch=json_patch)
    _check_name(current.name, body)
    return body


def _patched(current: Config, patch: Any, *, json_patch: bool) -> ConfigBody:
    if not json_patch:
        return _body(merge_patch({"name": current.name, **_content(current)}, patch), NewConfigBody)
    if isinstance(patch, list):
        for number, operation in enumerate(patch):
            if isinstance(operation, dict) and operation.get("path") == "/name":
                raise InvalidPatch.at(number, "The name of a document cannot change.")
    return _body(apply_json_patch(_content(current), patch))


def _body(value: Any, model: type[ConfigBody] = ConfigBody) -> ConfigBody:
    try:
        return model.model_validate(value)
    except ValidationError as exc:
        raise InvalidConfig("The result is no document.", errors=field_errors(exc)) from exc


def _check_name(name: str, body: ConfigBody) -> None:
    if body.name not in (None, name):
        raise InvalidConfig.at("/name", "The name of a document cannot change.")
