"""What `/configs` does: datacenter documents in the store of all documents."""

from collections.abc import Iterable
from typing import Any

from pydantic import ValidationError

from config_service.documents import Change, Config, decode
from config_service.errors import (
    ConfigNotFound,
    DatacenterExists,
    InvalidConfig,
    InvalidSearch,
    NameMismatch,
    NameTaken,
    field_errors,
)
from config_service.merge_patch import merge_patch
from config_service.schemas import Datacenter
from config_service.search import Condition, condition
from config_service.store import Store
from config_service.transaction import Transaction

SCHEMA = "datacenter"
SEARCH_PREFIX = "metadata."
MAX_CONDITIONS = 32


def list_datacenters(store: Store) -> list[Config]:
    """Return all datacenters, by name."""
    return store.find(schema=SCHEMA)


def get_datacenter(store: Store, name: str) -> Config | None:
    """Return the datacenter of that name."""
    return _datacenter(store.get(name))


def search_datacenters(store: Store, parameters: Iterable[tuple[str, str]]) -> list[Config]:
    """Return the datacenters that have all the values, by name.

    Raises:
        InvalidSearch: a parameter is no path below `metadata.`, or there are too many.
    """
    return store.find(conditions_of(parameters), schema=SCHEMA)


def conditions_of(parameters: Iterable[tuple[str, str]]) -> set[Condition]:
    """Read search conditions from query parameters.

    Raises:
        InvalidSearch: a parameter is no path below `metadata.`, or there are too many.
    """
    conditions = {_condition(path, text) for path, text in parameters}
    if len(conditions) > MAX_CONDITIONS:
        raise InvalidSearch(f"A search takes at most {MAX_CONDITIONS} conditions.")
    return conditions


def create_datacenter(store: Store, datacenter: Datacenter, change: Change) -> None:
    """Add a datacenter.

    Raises:
        DatacenterExists: there is one of that name.
        NameTaken: another document has the name.
    """

    def work(transaction: Transaction) -> None:
        if _own(transaction.get(datacenter.dcname)):
            raise DatacenterExists("Resource already exists")
        transaction.create(datacenter.dcname, SCHEMA, _metadata(datacenter))

    store.write(change, work)


def put_datacenter(store: Store, name: str, datacenter: Datacenter, change: Change) -> None:
    """Replace a datacenter, or add it.

    Raises:
        NameMismatch: the document has another name.
        NameTaken: another document has the name.
    """
    if datacenter.dcname != name:
        raise NameMismatch("The document's dcname is not the name in the path.")

    def work(transaction: Transaction) -> None:
        if current := _own(transaction.get(name)):
            transaction.update(current, SCHEMA, _metadata(datacenter))
        else:
            transaction.create(name, SCHEMA, _metadata(datacenter))

    store.write(change, work)


def patch_datacenter(store: Store, name: str, patch: Any, change: Change) -> None:
    """Apply a merge patch to a datacenter.

    Raises:
        ConfigNotFound: there is none of that name.
        InvalidConfig: the result is no datacenter document, or has another name.
    """

    def work(transaction: Transaction) -> None:
        current = _existing(transaction.get(name))
        datacenter = _patched(current, patch)
        transaction.update(current, SCHEMA, _metadata(datacenter))

    store.write(change, work)


def delete_datacenter(store: Store, name: str, change: Change) -> None:
    """Remove a datacenter; its history stays.

    Raises:
        ConfigNotFound: there is none of that name.
    """
    store.write(change, lambda transaction: transaction.delete(_existing(transaction.get(name))))


def _datacenter(config: Config | None) -> Config | None:
    return config if config and config.schema == SCHEMA else None


def _own(config: Config | None) -> Config | None:
    if config and config.schema != SCHEMA:
        raise NameTaken("A document that is no datacenter has this name.")
    return config


def _existing(config: Config | None) -> Config:
    datacenter = _datacenter(config)
    if datacenter is None:
        raise ConfigNotFound("There is no datacenter of this name.")
    return datacenter


def _patched(current: Config, patch: Any) -> Datacenter:
    document = {"dcname": current.name, "metadata": decode(current.metadata)}
    try:
        datacenter = Datacenter.model_validate(merge_patch(document, patch))
    except ValidationError as exc:
        raise InvalidConfig("The patched document breaks the schema.", errors=field_errors(exc)) from exc
    if datacenter.dcname != current.name:
        raise InvalidConfig.at("/dcname", "The name of a document cannot change.")
    return datacenter


def _metadata(datacenter: Datacenter) -> dict[str, Any]:
    return datacenter.metadata.model_dump(exclude_unset=True)


def _condition(path: str, text: str) -> Condition:
    if not path.startswith(SEARCH_PREFIX) or path == SEARCH_PREFIX:
        raise InvalidSearch(
            f"A search parameter is a path below {SEARCH_PREFIX}, as {SEARCH_PREFIX}limits.cpu.value."
        )
    return condition(path.removeprefix(SEARCH_PREFIX), text)
