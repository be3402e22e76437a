"""The routes as the OpenAPI document describes them."""

from typing import Any, Final

from chassis.fastapi import problem_responses
from shout_service.body import JSON, MAX_ITEMS, MAX_TEXT, TEXT
from shout_service.page import FORM
from shout_service.reversal import UNITS

HTML: Final = "text/html"
_STRING: Final = {"type": "string", "maxLength": MAX_TEXT}
_SOURCE: Final = {
    "Shout-Source": {
        "description": "Where the capitals came from.",
        "schema": {"type": "string", "enum": ["upstream", "cache", "fallback"]},
    }
}
_ANSWER: Final = {
    "description": "The text, reversed and in capitals; typed as it came unless Accept says otherwise.",
    "headers": _SOURCE,
    "content": {
        JSON: {"schema": {"type": "string"}, "example": "!DLROW ,OLLEH"},
        TEXT: {"schema": {"type": "string"}, "example": "!DLROW ,OLLEH"},
    },
}
_PAGE: Final = {HTML: {"schema": {"type": "string"}}}
_UNIT: Final = {
    "name": "unit",
    "in": "query",
    "description": "What is reversed: grapheme clusters (UAX #29), or code points.",
    "schema": {"type": "string", "enum": list(UNITS), "default": "grapheme"},
}
_RESULT: Final = {
    "oneOf": [
        {"type": "object", "required": ["data"], "properties": {"data": {"type": "string"}}},
        {
            "type": "object",
            "required": ["error"],
            "properties": {"error": {"type": "object", "description": "Problem details (RFC 9457)."}},
        },
    ]
}
_TEXTS: Final = {
    "type": "object",
    "required": ["data"],
    "properties": {
        "data": {
            "type": "array",
            "maxItems": MAX_ITEMS,
            "items": {"description": "A text; anything else gets a problem in its place."},
        }
    },
}
_RESULTS: Final = {
    "type": "object",
    "required": ["results"],
    "properties": {"results": {"type": "array", "items": _RESULT}},
}
SHOUT: Final[dict[str, Any]] = {
    "summary": "Reverse a text, then shout it",
    "responses": {200: _ANSWER, **problem_responses(400, 413, 415, 422, 502, 503, 504)},
    "openapi_extra": {
        "parameters": [_UNIT],
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": {
                        "oneOf": [
                            _STRING,
                            {"type": "object", "required": ["data"], "properties": {"data": _STRING}},
                        ]
                    },
                    "example": {"data": "hello, world!"},
                },
                TEXT: {"schema": _STRING, "example": "hello, world!"},
            },
        },
    },
}
SHOUT_BATCH: Final[dict[str, Any]] = {
    "summary": "Reverse and shout up to a hundred texts",
    "responses": {
        200: {
            "description": "The answers in the order of the texts; one that failed does not fail the others.",
            "content": {JSON: {"schema": _RESULTS, "example": {"results": [{"data": "CBA"}]}}},
        },
        **problem_responses(400, 413, 415, 422),
    },
    "openapi_extra": {
        "parameters": [_UNIT],
        "requestBody": {
            "required": True,
            "content": {JSON: {"schema": _TEXTS, "example": {"data": ["abc"]}}},
        },
    },
}
_LINKS: Final = {
    "type": "object",
    "required": ["name", "openapi", "docs"],
    "properties": {name: {"type": "string"} for name in ("name", "openapi", "docs")},
}
PAGE: Final[dict[str, Any]] = {
    "summary": "A page to try it on; for programs, where this description is",
    "responses": {
        200: {
            "description": "The page, or the links",
            "content": {
                **_PAGE,
                JSON: {
                    "schema": _LINKS,
                    "example": {"name": "shout-service", "openapi": "/openapi.json", "docs": "/docs"},
                },
            },
        }
    },
}
PAGE_ANSWER: Final[dict[str, Any]] = {
    "summary": "What the page's form asks for, as the page again",
    "responses": {
        200: {"description": "The page with the answer", "headers": _SOURCE, "content": _PAGE},
        **problem_responses(400, 413, 415, 422, 502, 503, 504),
    },
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                FORM: {
                    "schema": {
                        "type": "object",
                        "required": ["text"],
                        "properties": {"text": _STRING, "unit": _UNIT["schema"]},
                    },
                    "example": {"text": "hello, world!"},
                }
            },
        }
    },
}
