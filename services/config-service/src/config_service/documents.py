"""Configuration documents and the revisions that made them."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from chassis import dump_json
from config_service.errors import InvalidConfig, MetadataTooLarge

Action = Literal["create", "update", "delete", "restore"]

MAX_METADATA_BYTES = 1024 * 1024
MAX_METADATA_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Config:
    """A configuration document as it is now; `metadata` is the compact JSON text of an object."""

    name: str
    schema: str | None
    metadata: str
    revision: int
    created_at: datetime
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class Revision:
    """One entry of a document's history; `metadata` and `created_at` are None where it was deleted."""

    revision: int
    name: str
    action: Action
    schema: str | None
    metadata: str | None
    author: str
    at: datetime
    reason: str | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Schema:
    """A JSON Schema that documents may name; `schema` is its compact JSON text."""

    name: str
    schema: str
    revision: int
    created_at: datetime
    modified_at: datetime


@dataclass(frozen=True, slots=True)
class SchemaRevision:
    """One entry of a schema's history; `schema` is None where it was deleted."""

    name: str
    revision: int
    action: Action
    schema: str | None
    author: str
    at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """Who writes, why, and what the names of the documents must begin with that they may write."""

    author: str
    reason: str | None = None
    prefix: str = ""


def etag_of(revision: int) -> str:
    """Return the entity tag of a document at a revision."""
    return f'"{revision}"'


def encode(value: Any, pointer: str = "/metadata") -> str:
    """Return the compact JSON text that the store keeps.

    Args:
        value: to be kept.
        pointer: where it is in the request.

    Raises:
        MetadataTooLarge: it would have more than 1 MiB.
        InvalidConfig: it is nested deeper than 64 levels.
    """
    content = dump_json(value)
    if len(content) > MAX_METADATA_BYTES:
        raise MetadataTooLarge(f"It has {len(content)} bytes as compact JSON, at most 1 MiB is kept.")
    if content.count(b"{") + content.count(b"[") > MAX_METADATA_DEPTH and _depth(value) > MAX_METADATA_DEPTH:
        raise InvalidConfig.at(pointer, f"It is nested deeper than {MAX_METADATA_DEPTH} levels.")
    return content.decode()


def decode(text: str) -> dict[str, Any]:
    """Return the object of a JSON text from the store; integers keep every digit."""
    value: dict[str, Any] = json.loads(text)
    return value


def same_json(text: str, other: str) -> bool:
    """Say whether two JSON texts have the same members and values; order does not count, 1 is not 1.0."""
    return text == other or _canonical(text) == _canonical(other)


def _canonical(text: str) -> str:
    return json.dumps(json.loads(text), sort_keys=True)


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level := [item for item in level if isinstance(item, dict | list)]:
        depth += 1
        level = [
            item for parent in level for item in (parent.values() if isinstance(parent, dict) else parent)
        ]
    return depth
