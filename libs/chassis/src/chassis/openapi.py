"""What the OpenAPI documents of all services have in common."""

from __future__ import annotations

from typing import Any

from chassis._problem import Problem, QuotaExceeded, status_phrase

__all__ = ["IDENTITY_HEADERS", "PROBLEM", "problem_responses"]

_REFERENCE = "#/components/schemas/Problem"
_TEXT = {"type": "string"}
_PATH = {"type": "string", "format": "uri-reference"}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "Problem details (RFC 9457).",
    "required": ["type", "title", "status", "instance", "request_id"],
    "properties": {
        "type": _PATH,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": {**_TEXT, "description": "What went wrong this time."},
        "instance": {**_PATH, "description": "The path of the request."},
        "request_id": {**_TEXT, "description": "Finds the request in the log."},
        "errors": {
            "type": "array",
            "description": "The faults, where there are several.",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "A JSON pointer into the body (RFC 6901)."},
                    "detail": _TEXT,
                },
            },
        },
    },
}
# For `components.headers`, as every answer has them.
IDENTITY_HEADERS: dict[str, Any] = {
    name: {"description": text, "required": True, "schema": _TEXT}
    for name, text in (
        ("X-Request-ID", "Finds the request in the log; the caller's own one, if it has one."),
        ("X-Trace-ID", "Finds the request's trace."),
    )
}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds until another try.", "schema": {"type": "integer"}}}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"description": "How to say who calls.", "schema": _TEXT}},
    429: _RETRY_AFTER,
    503: _RETRY_AFTER,
}


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` argument of a route that may answer with these problems."""
    return {status: _response(status) for status in statuses}


def _response(status: int) -> dict[str, Any]:
    title, kind = status_phrase(status), QuotaExceeded if status == QuotaExceeded.status else Problem
    example = {
        "type": kind.type,
        "title": kind.title or title,
        "status": status,
        "instance": "/path",
        "request_id": "01994f3c-7f3a-7c1e-9c58-6d2a0f6f3b11",
    }
    content = {"application/problem+json": {"schema": {"$ref": _REFERENCE}, "example": example}}
    headers = {"headers": _HEADERS[status]} if status in _HEADERS else {}
    return {"description": title, **headers, "content": content}
