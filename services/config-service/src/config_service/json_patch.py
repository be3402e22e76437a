"""JSON Patch (RFC 6902)."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jsonpatch import (
    InvalidJsonPatch,
    JsonPatch,
    JsonPatchConflict,
    JsonPatchTestFailed,
    JsonPointer,
    JsonPointerException,
)

from chassis import BadRequest, dump_json
from config_service.documents import MAX_METADATA_BYTES
from config_service.errors import InvalidPatch, MetadataTooLarge, PatchConflict

JSON_PATCH = "application/json-patch+json"

# Few copies of copies fill any memory; a document that may be kept needs no more than this.
MAX_COPIED_BYTES = 4 * MAX_METADATA_BYTES
MAX_OPERATIONS = 10_000

_POINTER = {"type": "string", "pattern": "^(/([^/~]|~[01])*)*$"}


def _operation(names: list[str], **members: dict[str, Any]) -> dict[str, Any]:
    properties = {"op": {"enum": names}, "path": _POINTER, **members}
    return {"type": "object", "required": list(properties), "properties": properties}


JSON_PATCH_SCHEMA: dict[str, Any] = {
    "type": "array",
    "maxItems": MAX_OPERATIONS,
    "items": {
        "oneOf": [
            _operation(["add", "replace", "test"], value={}),
            _operation(["remove"]),
            _operation(["move", "copy"], **{"from": _POINTER}),
        ]
    },
}


def apply_json_patch(document: dict[str, Any], operations: Any) -> Any:
    """Return what the operations make of a document, which itself stays as it is.

    Raises:
        BadRequest: the patch is no array.
        InvalidPatch: an operation is none, lacks a member or has a malformed pointer, or there are too many.
        PatchConflict: a test failed, or a path is not there.
        MetadataTooLarge: it copies too much.
    """
    if not isinstance(operations, list):
        raise BadRequest("A JSON Patch is an array of operations.")
    if len(operations) > MAX_OPERATIONS:
        raise InvalidPatch(f"A patch has at most {MAX_OPERATIONS} operations.")
    for number, operation in enumerate(operations):
        _check(number, operation)
    result, room = copy.deepcopy(document), MAX_COPIED_BYTES
    for number, operation in enumerate(copy.deepcopy(operations)):
        with _conflicts(number):
            if operation["op"] == "copy":
                room -= len(dump_json(JsonPointer(operation["from"]).resolve(result)))
            if room < 0:
                raise MetadataTooLarge("The patch copies more than a document may hold.")
            result = JsonPatch([operation]).apply(result, in_place=True)
    return result


@contextmanager
def _conflicts(number: int) -> Iterator[None]:
    try:
        yield
    except JsonPatchTestFailed as exc:
        raise PatchConflict.at(number, "The test failed.") from exc
    except (JsonPatchConflict, JsonPointerException) as exc:
        raise PatchConflict.at(number, "A path is not there.") from exc
    except InvalidJsonPatch as exc:  # the library finds some members missing only now
        raise InvalidPatch.at(number, str(exc)[:200]) from exc
    except RecursionError as exc:
        raise InvalidPatch.at(number, "It nests too deep.") from exc


def _check(number: int, operation: Any) -> None:
    try:
        JsonPatch([operation])
        for member in {"path", "from"} & operation.keys():
            JsonPointer(operation[member])
    except (InvalidJsonPatch, JsonPointerException, TypeError) as exc:
        raise InvalidPatch.at(number, str(exc)[:200]) from exc
