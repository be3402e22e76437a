"""What `/v1` takes and gives as JSON."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

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
    """A change of a document or a schema."""

    revision: int
    action: Literal["create", "update", "delete", "restore"]
    author: str
    at: datetime
    reason: str | None


class RevisionPage(BaseModel):
    """Some of the changes of a document or a schema, the latest first."""

    items: list[RevisionItem]
    next: str | None = Field(description="The cursor of the next page.")


class RevisionResource(RevisionItem):
    """A change of a document and the content that it made; null for a deletion."""

    name: str
    metadata: dict[str, Any] | None
    schema_name: str | None = Field(alias="schema")


class SchemaRevisionResource(RevisionItem):
    """A change of a schema and what it made; null for a deletion."""

    name: str
    content: dict[str, Any] | bool | None = Field(alias="schema")


class SchemaPage(BaseModel):
    """The names of the schemas."""

    items: list[str]


class Operation(BaseModel):
    """One operation of a transaction."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    op: Literal["put", "patch", "delete", "check"]
    name: Name
    if_revision: int | None = Field(
        default=None, ge=0, le=MAX_REVISION, description="What the document must be at; 0: absent."
    )
    schema_name: Name | None = Field(default=None, alias="schema")
    metadata: dict[str, Any] | None = None
    patch: Any = Field(default=None, description="A merge patch object, or a JSON Patch array.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.op == "put") != (self.metadata is not None):
            raise ValueError("metadata belongs to a put, and only there")
        if self.schema_name is not None and self.op != "put":
            raise ValueError("schema belongs to a put")
        if (self.op == "patch") != isinstance(self.patch, dict | list):
            raise ValueError("patch, an object or an array, belongs to a patch, and only there")
        if self.op == "check" and self.if_revision is None:
            raise ValueError("a check needs if_revision")
        return self

    def document(self) -> ConfigBody:
        """What a put writes."""
        return ConfigBody(metadata=self.metadata or {}, schema=self.schema_name)


class TransactionBody(BaseModel):
    """Operations that are done together."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    operations: list[Operation] = Field(
        min_length=1,
        max_length=128,
        examples=[[{"op": "put", "name": "a", "if_revision": 0, "metadata": {}}]],
    )


class OperationResult(BaseModel):
    """What an operation left."""

    op: Literal["put", "patch", "delete", "check"]
    name: str
    revision: int = Field(description="Of the document after the transaction; 0: absent.")


class TransactionResult(BaseModel):
    """What a transaction did."""

    revision: int = Field(description="Of the transaction; the last one when nothing changed.")
    results: list[OperationResult]


class SchemaItem(BaseModel):
    """A schema in a file."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: Name
    content: Any = Field(alias="schema")


class ConfigItem(BaseModel):
    """A document in a file."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: Name
    schema_name: Name | None = Field(default=None, alias="schema")
    metadata: dict[str, Any]


class ImportFile(BaseModel):
    """Schemas and documents, as an export writes them."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    version: Literal[1]
    schemas: list[SchemaItem] = []
    configs: list[ConfigItem]


class ImportedPart(BaseModel):
    """What an import did to documents or to schemas."""

    created: list[str]
    updated: list[str]
    deleted: list[str]
    unchanged: int


class ImportResult(BaseModel):
    """What an import did, or with `dry_run` would do."""

    revision: int = Field(description="Of the import; the last one when nothing changed.")
    dry_run: bool
    schemas: ImportedPart
    configs: ImportedPart
