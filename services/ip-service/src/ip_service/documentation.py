"""The routes of the original in the OpenAPI document; FastAPI cannot see into them."""

from __future__ import annotations

from typing import Any

from chassis.fastapi import problem_responses
from ip_service.listing import CURSOR, DEFAULT_LIMIT, MAX_LIMIT
from ip_service.representation import HTML, REPRESENTATIONS, Representation

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


_ONE = {"type": "object", "required": ["client_ip"], "properties": {"client_ip": _TEXT}}
_MANY = {
    "type": "object",
    "required": ["ip_addresses"],
    "properties": {"ip_addresses": {"type": "array", "items": _TEXT}},
}


def _content(*, many: bool) -> dict[str, Any]:
    return {media_type: _media(kind, many=many) for media_type, kind in REPRESENTATIONS.items()}


def _media(kind: Representation, *, many: bool) -> dict[str, Any]:
    if kind is HTML:
        return {"schema": _TEXT}
    data: dict[str, Any] = {"ip_addresses": list(_EXAMPLE)} if many else {"client_ip": _EXAMPLE[0]}
    text = (kind.render_list(_EXAMPLE) if many else kind.render(_EXAMPLE[0])).decode()
    subtype = kind.media_type.partition("/")[2]
    if subtype == "json":
        return {"schema": _MANY if many else _ONE, "example": data}
    if subtype.endswith("yaml"):
        return {"schema": _MANY if many else _ONE, "example": text}
    return {"schema": _TEXT, "example": text}


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
            {
                "name": "cursor",
                "in": "query",
                "description": "From the Link header.",
                "schema": {"type": "string", "pattern": f"^{CURSOR}$"},
            },
        ]
    },
}
