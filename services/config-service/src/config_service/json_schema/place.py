"""A place in a schema: what the keywords there are compiled with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from config_service.errors import InvalidSchema, escaped
from config_service.json_schema.evaluation import MAX_DETAIL, Check

if TYPE_CHECKING:
    from config_service.json_schema.compiler import Compiler


@dataclass(frozen=True, slots=True)
class Place:
    """A schema object, and where it is.

    Attributes:
        compiler: of the document.
        schema: the object.
        base: URI of the resource that it belongs to.
        pointer: to it in the request.
    """

    compiler: Compiler
    schema: dict[str, Any]
    base: str
    pointer: str

    def refuse(self, detail: str, *steps: str | int) -> InvalidSchema:
        """Make the error that names one member of the schema."""
        pointer = self.pointer + "".join(f"/{escaped(str(step))}" for step in steps)
        return InvalidSchema.at(pointer, detail)

    def node(self, schema: Any, *steps: str | int) -> Check:
        """Compile a schema inside this one.

        Raises:
            InvalidSchema: it is none.
        """
        if not isinstance(schema, dict | bool):
            raise self.refuse("A JSON Schema is an object or a boolean.", *steps)
        return self.compiler.node(schema, self.base)

    def nodes(self, keyword: str, schemas: Any) -> dict[str, Check]:
        """Compile the schemas of an object."""
        members = self.object(keyword, schemas)
        return {name: self.node(schema, keyword, name) for name, schema in members.items()}

    def node_list(self, keyword: str, schemas: Any) -> list[Check]:
        """Compile the schemas of an array."""
        if not isinstance(schemas, list) or not schemas:
            raise self.refuse("It must be an array of schemas, not an empty one.", keyword)
        return [self.node(schema, keyword, number) for number, schema in enumerate(schemas)]

    def search(self, pattern: str, *steps: str) -> Callable[[str], bool]:
        """Compile a pattern.

        Raises:
            InvalidSchema: it is none.
        """
        try:
            return self.compiler.search(pattern)
        except ValueError as exc:
            raise self.refuse(f"This pattern cannot be used: {exc}."[:MAX_DETAIL], *steps) from exc

    def object(self, keyword: str, value: Any) -> dict[str, Any]:
        """Take an object."""
        if not isinstance(value, dict):
            raise self.refuse("It must be an object.", keyword)
        return value

    def natural(self, keyword: str, value: Any) -> int:
        """Take an integer from 0 on."""
        if not is_number(value) or value < 0 or value != int(value):
            raise self.refuse("It must be an integer from 0 on.", keyword)
        return int(value)

    def number(self, keyword: str, value: Any) -> int | float:
        """Take a number."""
        if not is_number(value):
            raise self.refuse("It must be a number.", keyword)
        number: int | float = value
        return number

    def text(self, keyword: str, value: Any) -> str:
        """Take a text."""
        if not isinstance(value, str):
            raise self.refuse("It must be a string.", keyword)
        return value

    def texts(self, value: Any, *steps: str | int) -> list[str]:
        """Take an array of different texts."""
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.refuse("It must be an array of strings.", *steps)
        if len(set(value)) < len(value):
            raise self.refuse("Its items must differ.", *steps)
        return value

    def boolean(self, keyword: str, value: Any) -> bool:
        """Take true or false."""
        if not isinstance(value, bool):
            raise self.refuse("It must be true or false.", keyword)
        return value


def is_number(value: Any) -> bool:
    """Say whether a value is a JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)
