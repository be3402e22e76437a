"""What FastAPI's OpenAPI document does not know of the platform."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chassis.openapi import IDENTITY_HEADERS, PROBLEM, problem_responses

_VALIDATION = ("HTTPValidationError", "ValidationError")
_METHODS = frozenset({"get", "put", "post", "delete", "patch"})


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """Describe problems and headers as the edge sends them; the document is changed in place."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in _VALIDATION:
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM
    components["headers"] = IDENTITY_HEADERS
    for operation in _operations(document):
        _complete_parameters(operation)
        _complete_responses(operation["responses"])
    return document


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for item in document["paths"].values():
        yield from (operation for method, operation in item.items() if method in _METHODS)


def _complete_parameters(operation: Mapping[str, Any]) -> None:
    """Take away the null that stands for an absent parameter; none can be sent."""
    for parameter in operation.get("parameters", ()):
        schema = parameter["schema"]
        choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
        if len(choices) == 1:
            del schema["anyOf"]
            parameter["schema"] = {**choices[0], **schema}
        elif choices:
            schema["anyOf"] = choices


def _complete_responses(responses: dict[str, Any]) -> None:
    refused = responses.get("422", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if refused.get("$ref", "").endswith(f"/{_VALIDATION[0]}"):
        responses["422"] = problem_responses(422)[422]
    for status, response in responses.items():
        response.get("content", {}).get("text/event-stream", {}).pop("schema", None)  # it says: one string
        own = {name: {"$ref": f"#/components/headers/{name}"} for name in IDENTITY_HEADERS}
        responses[status] = {**response, "headers": {**response.get("headers", {}), **own}}
