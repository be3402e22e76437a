"""JSON Schema 2020-12: what a document keeps to. References stay inside the schema; nothing is fetched."""

import json
from functools import lru_cache
from itertools import islice
from typing import Any

from jsonschema_rs import Draft202012Validator, FancyRegexOptions, ReferencingError, ValidationError

from chassis import FieldError
from config_service.errors import InvalidSchema, escaped

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MAX_FAULTS = 50
MAX_DETAIL = 300
# A pattern that takes more steps than this on a text counts as one that does not match.
BACKTRACK_LIMIT = 100_000


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
    if isinstance(schema, dict) and schema.get("$schema", DIALECT) != DIALECT:
        raise InvalidSchema.at(f"{below}/$schema", f"Only {DIALECT} is understood.")
    try:
        _compile(json.dumps(schema))
    except ValidationError as exc:
        raise InvalidSchema.at(below + _pointer(exc), exc.message[:MAX_DETAIL]) from exc
    except (ReferencingError, ValueError) as exc:
        raise InvalidSchema.at(below, str(exc)[:MAX_DETAIL]) from exc


def faults(schema: str, metadata: Any, below: str = "/metadata") -> list[FieldError]:
    """Return where metadata breaks a schema, as JSON pointers that begin with `below`.

    Args:
        schema: JSON text of one that was checked itself.
        metadata: to be checked.
        below: where the metadata is.
    """
    validator = _compile(schema)
    if validator.is_valid(metadata):
        return []
    return [
        FieldError(below + _pointer(error), error.message[:MAX_DETAIL])
        for error in islice(validator.iter_errors(metadata), MAX_FAULTS)
    ]


@lru_cache(maxsize=128)
def _compile(schema: str) -> Draft202012Validator:
    options = FancyRegexOptions(backtrack_limit=BACKTRACK_LIMIT)
    return Draft202012Validator(json.loads(schema), offline=True, pattern_options=options)


def _pointer(error: ValidationError) -> str:
    return "".join(f"/{escaped(str(step))}" for step in error.instance_path)
