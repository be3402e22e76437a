"""JSON Schema 2020-12: what a document keeps to. References stay inside the schema; nothing is fetched."""

import json
from functools import lru_cache
from typing import Any

from chassis import FieldError
from config_service.errors import InvalidSchema
from config_service.json_schema.compiler import DIALECT, Compiler
from config_service.json_schema.evaluation import Check, CheckEnded, Run

__all__ = ["DIALECT", "Work", "check_schema_itself", "faults"]

STEPS_PER_DOCUMENT = 1_000_000  # schemas applied to values; about a second
STEPS_PER_WRITE = 20_000_000
TOO_MUCH = "Checking it against its schema takes too many steps."
TOO_DEEP = "Checking it against its schema nests too deep; the schema may refer to itself without end."


class Work:
    """How many steps the checks of one write may still take, however many documents it has."""

    def __init__(self) -> None:
        self.left = STEPS_PER_WRITE

    def check(self, root: Check, value: Any, run: Run) -> bool:
        """Check a value.

        Raises:
            CheckEnded: it takes more steps than are left or one document may take, or has found enough.
        """
        run.steps = steps = min(self.left, STEPS_PER_DOCUMENT)
        try:
            return root(value, None, run, None)
        finally:
            self.left -= steps - run.steps


def check_schema_itself(schema: Any, below: str = "") -> None:
    """Look whether a value is a JSON Schema that documents can be checked with.

    Args:
        schema: the value.
        below: where it is in the request, a JSON pointer.

    Raises:
        InvalidSchema: it is not.
    """
    if not isinstance(schema, dict | bool):
        raise InvalidSchema.at(below, "A JSON Schema is an object or a boolean.")
    try:
        Compiler(schema, below)
    except RecursionError as exc:
        raise InvalidSchema.at(below, "It nests too deep.") from exc


def faults(
    schema: str, metadata: Any, below: str = "/metadata", work: Work | None = None
) -> list[FieldError]:
    """Return where metadata breaks a schema, as JSON pointers that begin with `below`.

    Args:
        schema: JSON text of one that was checked itself.
        metadata: to be checked.
        below: where the metadata is.
        work: what the check may take of the steps of a write.
    """
    root, base = _compile(schema)
    work, found = work or Work(), list[FieldError]()
    try:
        if not work.check(root, metadata, Run(base, below)):
            work.check(root, metadata, Run(base, below, found))
    except CheckEnded:
        return found or [FieldError(below, TOO_MUCH)]
    except RecursionError:
        return found or [FieldError(below, TOO_DEEP)]
    return found


@lru_cache(maxsize=64)
def _compile(schema: str) -> tuple[Check, str]:
    compiler = Compiler(json.loads(schema))
    return compiler.root, compiler.base
