"""What `/v1` takes and gives as JSON."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from config_service.schemas import MAX_REVISION, Name


class ConfigBody(BaseModel):
    """A document as a client sends it; what the service numbers and dates itself is ignored."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: Name | None = None
    metadata: dict[str, Any] = Field(examples=[{"replicas": 3}])
    schema_name: Name | None = Field(default=None, alias="schema")
    revision: Any = Field(default=None, exclude=True)
    created_at: Any = Field(default=None, exclude=True)
    modified_at: Any = Field(default=None, exclude=True)


class NewConfigBody(ConfigBody):
    """A document that names itself."""

    name: Name


class RollbackBody(BaseModel):
    """The revision to go back to."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    revision: int = Field(ge=1, le=MAX_REVISION)


class ConfigResource(BaseModel):
    """A document as the service gives it."""

    name: str
    metadata: dict[str, Any]
    schema_name: str | None = Field(alias="schema")
    revision: int
    created_at: datetime
    modified_at: datetime


class ConfigPage(BaseModel):
    """Some of the documents."""

    items: list[ConfigResource]
    next: str | None = Field(description="The cursor of the next page.")


class RevisionItem(BaseModel):
    """A change of a document."""

    revision: int
    action: Literal["create", "update", "delete", "restore"]
    author: str
    at: datetime
    reason: str | None


class RevisionPage(BaseModel):
    """Some of the changes of a document, the latest first."""

    items: list[RevisionItem]
    next: str | None = Field(description="The cursor of the next page.")


class RevisionResource(RevisionItem):
    """A change of a document and the content that it made; null for a deletion."""

    name: str
    metadata: dict[str, Any] | None
    schema_name: str | None = Field(alias="schema")
