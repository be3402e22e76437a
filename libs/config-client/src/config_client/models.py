"""What the config-service gives."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, Self

Operation = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Config:
    """A document.

    Attributes:
        name: of the document.
        metadata: its content.
        schema: the JSON Schema that it names.
        revision: the number of the write that made it so.
        created_at: when the document was made.
        modified_at: when it was made so.
        stale: whether it is a kept copy, since the service is away.
    """

    name: str
    metadata: dict[str, Any]
    schema: str | None
    revision: int
    created_at: datetime
    modified_at: datetime
    stale: bool = False

    @classmethod
    def parse(cls, resource: dict[str, Any], *, stale: bool = False) -> Self:
        """Read a resource of `/v1/configs`."""
        created, modified = (datetime.fromisoformat(resource[key]) for key in ("created_at", "modified_at"))
        name, metadata, schema = resource["name"], resource["metadata"], resource["schema"]
        return cls(name, metadata, schema, resource["revision"], created, modified, stale)

    def resource(self) -> dict[str, Any]:
        """Return the document as the service gave it."""
        return {
            "name": self.name,
            "metadata": self.metadata,
            "schema": self.schema,
            "revision": self.revision,
            "created_at": self.created_at.isoformat(),
            "modified_at": self.modified_at.isoformat(),
        }


_NEVER = datetime.min.replace(tzinfo=UTC)
UNKNOWN = Config("", {}, None, -1, _NEVER, _NEVER)  # what nobody can tell


def revision_of(config: Config | None) -> int:
    """Return a document's revision; 0 where there is none."""
    return config.revision if config else 0


@dataclass(frozen=True, slots=True)
class Revision:
    """A change of a document."""

    revision: int
    action: str
    author: str
    at: datetime
    reason: str | None

    @classmethod
    def parse(cls, item: dict[str, Any]) -> Self:
        """Read an item of `…/revisions`."""
        at = datetime.fromisoformat(item["at"])
        return cls(item["revision"], item["action"], item["author"], at, item["reason"])


@dataclass(frozen=True, slots=True)
class Event:
    """A change as it happens.

    Attributes:
        kind: `put`, `delete`, or `reset`: changes were missed, read everything anew.
        id: resumes a watch after this event; empty before the first one.
        revision: of the change.
        name: of the document; empty with `reset`.
        config: the document, with `put`.
    """

    kind: Literal["put", "delete", "reset"]
    id: str
    revision: int
    name: str = ""
    config: Config | None = None
