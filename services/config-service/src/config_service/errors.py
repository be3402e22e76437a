"""What can go wrong with configuration documents."""

from typing import Self

from pydantic import ValidationError

from chassis import (
    Conflict,
    ContentTooLarge,
    FieldError,
    Forbidden,
    NotFound,
    UnprocessableContent,
)


class ConfigNotFound(NotFound):
    """No document has this name."""


class NameMismatch(NotFound):
    """The document that was sent belongs elsewhere."""


class DatacenterExists(Forbidden):
    """A datacenter with this name is there already."""


class NameTaken(Conflict):
    """A document of another kind has this name."""


class InvalidConfig(UnprocessableContent):
    """The document breaks a rule."""

    @classmethod
    def at(cls, pointer: str, detail: str) -> Self:
        """Refuse one member of the document."""
        return cls("The document breaks the schema.", errors=[FieldError(pointer, detail)])


class MetadataTooLarge(ContentTooLarge):
    """The metadata is larger than a document may have."""


class ConfigExists(Conflict):
    """A document with this name is there already."""


class RevisionNotFound(NotFound):
    """The document was not changed by this revision."""


class DeletedContent(UnprocessableContent):
    """A revision has no content, since it deleted the document."""


class PatchConflict(Conflict):
    """A patch does not fit the document as it is."""

    @classmethod
    def at(cls, number: int, reason: str) -> Self:
        """Name the operation that does not fit, counted from 0."""
        return cls("The patch does not fit the document.", errors=[FieldError(f"/{number}", reason)])


class InvalidPatch(UnprocessableContent):
    """A patch is no patch."""

    @classmethod
    def at(cls, number: int, reason: str) -> Self:
        """Name the operation that is wrong, counted from 0."""
        return cls("The patch is invalid.", errors=[FieldError(f"/{number}", reason)])


class InvalidSearch(UnprocessableContent):
    """The search conditions break a rule."""


class SchemaNotFound(NotFound):
    """No schema has this name."""


class SchemaInUse(Conflict):
    """Documents hold on to a schema."""


class BuiltinSchema(Conflict):
    """A schema belongs to the service."""


class InvalidSchema(UnprocessableContent):
    """A JSON Schema is none."""

    @classmethod
    def at(cls, pointer: str, detail: str) -> Self:
        """Refuse one member of it."""
        return cls(
            "This is no JSON Schema that documents can be checked with.", errors=[FieldError(pointer, detail)]
        )


class OperationFailed(Conflict):
    """An operation of a transaction does not fit the store as it is."""

    @classmethod
    def at(cls, number: int, detail: str) -> Self:
        """Name the operation, counted from 0."""
        return cls(
            f"Operation {number} failed; nothing was changed.",
            errors=[FieldError(f"/operations/{number}", detail)],
        )


def field_errors(error: ValidationError, below: str = "") -> list[FieldError]:
    """Return where a document breaks its schema, as JSON pointers that begin with `below`."""
    return [
        FieldError(below + "".join(f"/{escaped(str(step))}" for step in fault["loc"]), fault["msg"])
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def escaped(step: str) -> str:
    """Write a member's name as a step of a JSON pointer."""
    return step.replace("~", "~0").replace("/", "~1")
