"""The routes of the original in the OpenAPI document; FastAPI cannot see into them."""

from __future__ import annotations

from typing import Any

from chassis.fastapi import problem_responses
from ip_service.listing import DEFAULT_LIMIT, MAX_LIMIT
from ip_service.representation import HTML, REPRESENTATIONS

_EXAMPLE = ("203.0.113.7", "2001:db8::1")
_TEXT = {"type": "string"}
LIMIT_HEADERS = {
    name: {"description": description, "schema": _TEXT}
    for name, description in {
        "RateLimit-Policy": "The limit, absent when it is off.",
        "RateLimit": "What is left of it, absent when it is off.",
    }.items()
}
_LINK = {"Link": {"description": 'Where the next part is, rel="next".', "schema": _TEXT}}


def _content(*, many: bool) -> dict[str, Any]:
    examples = {
        media_type: {"example": (kind.render_list(_EXAMPLE) if many else kind.render(_EXAMPLE[0])).decode()}
        for media_type, kind in REPRESENTATIONS.items()
    }
    return examples if many else {**examples, HTML.media_type: {"schema": _TEXT}}


GET_IP: dict[str, Any] = {
    "summary": "The caller's address",
    "responses": {
        200: {"description": "The address", "headers": LIMIT_HEADERS, "content": _content(many=False)},
        **problem_responses(429, 503),
    },
}
GET_IP_LIST: dict[str, Any] = {
    "summary": "Every address that called",
    "responses": {
        200: {
            "description": "The addresses, the last caller first",
            "headers": LIMIT_HEADERS | _LINK,
            "content": _content(many=True),
        },
        **problem_responses(422, 429, 503),
    },
    "openapi_extra": {
        "parameters": [
            {
                "name": "limit",
                "in": "query",
                "description": f"Addresses at most; all without it, {DEFAULT_LIMIT} with a cursor alone.",
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
            },
            {"name": "cursor", "in": "query", "description": "From the Link header.", "schema": _TEXT},
        ]
    },
}
