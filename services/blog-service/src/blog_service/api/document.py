"""The OpenAPI document of the API, and a page to read it."""

from typing import Any

from flask import Blueprint, Response, current_app, request
from pydantic.json_schema import models_json_schema

from blog_service.api.answers import HEADERS, KEPT, REFERENCE, answer, content, names, problem
from blog_service.api.examples import CURSOR, ENTITY_TAG
from blog_service.api.schemas import PostIn, PostList, PostOut
from chassis import dump_json, render_docs
from chassis.openapi import IDENTITY_HEADERS, PROBLEM

document = Blueprint("document", __name__)

_POSTS = "/api/v1/posts"
_CURSOR = {
    "type": "string",
    "pattern": r"^(2\d{3}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T[01]\d(:[0-5]\d){2}\.\d{6}Z_[1-9]\d{0,8})?$",
}
_TAG = {"type": "string"}
_READS = (401, 503)
_WRITES = (400, 401, 413, 415, 422, 503)
_EDITS = (403, 404, 409, 412)


@document.get("/openapi.json")
def openapi() -> Response:
    """Give the document (OpenAPI 3.1)."""
    body = dump_json({**_openapi(), "servers": [{"url": request.script_root or "/"}]})
    response = Response(body, content_type="application/json")
    response.headers["Cache-Control"] = "no-cache"
    return response


@document.get("/docs")
def docs() -> Response:
    """Show the document; works offline."""
    page = render_docs(_openapi(), request.script_root)
    return Response(page.content, headers=page.headers)


def _openapi() -> dict[str, Any]:
    models = [(PostIn, "validation"), (PostOut, "serialization"), (PostList, "serialization")]
    _, schemas = models_json_schema(models, ref_template=REFERENCE)  # type: ignore[arg-type]  # a literal
    chassis = current_app.chassis  # type: ignore[attr-defined]  # our App
    return {
        "openapi": "3.1.0",
        "info": {"title": "blog-service", "version": chassis.version, "description": "Read and write posts."},
        "paths": {_POSTS: _collection(), f"{_POSTS}/{{post_id}}": _item()},
        "components": {
            "schemas": {**schemas["$defs"], "Problem": PROBLEM},
            "headers": {**IDENTITY_HEADERS, **HEADERS},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _collection() -> dict[str, Any]:
    queries = [
        _parameter("before", "query", _CURSOR, "The `next` of the part before.", CURSOR),
        _parameter("tag", "query", _TAG, "Only posts with this tag.", "history"),
    ]
    found, made = answer("Posts, newest first.", PostList), answer("The stored post.", PostOut, "Location")
    return {
        "get": _operation(
            "List the posts that everybody may see.", {200: found}, (400, *_READS), [*queries, _known()]
        ),
        "post": _operation("Store a new post.", {201: made}, _WRITES, body=True, token=True),
    }


def _item() -> dict[str, Any]:
    number = {"type": "integer", "minimum": 0, "maximum": 2147483647}
    condition = _parameter("If-Match", "header", _TAG, "The entity tag that was read.", ENTITY_TAG)
    found, gone = answer("The post.", PostOut), {"description": "It is deleted.", "headers": names()}
    return {
        "parameters": [
            {**_parameter("post_id", "path", number, "Number of the post.", 17), "required": True}
        ],
        "get": _operation("Read a post.", {200: found}, (404, *_READS), [_known()]),
        "put": _operation(
            "Store an edit.", {200: found}, (*_WRITES, *_EDITS), [condition], body=True, token=True
        ),
        "delete": _operation("Delete a post.", {204: gone}, (*_READS, *_EDITS), [condition], token=True),
    }


def _operation(
    summary: str,
    answers: dict[int, dict[str, Any]],
    problems: tuple[int, ...],
    parameters: list[dict[str, Any]] | None = None,
    *,
    body: bool = False,
    token: bool = False,
) -> dict[str, Any]:
    parameters = parameters or []
    if any(parameter["name"] == "If-None-Match" for parameter in parameters):
        answers[304] = {"description": "The one that you have.", "headers": names(*KEPT)}
    failures = {status: problem(status) for status in sorted(problems)}
    operation: dict[str, Any] = {
        "summary": summary,
        "security": [{"token": []}] if token else [{}, {"token": []}],
        "parameters": parameters,
        "responses": {str(status): answer for status, answer in {**answers, **failures}.items()},
    }
    if body:
        operation["requestBody"] = {"required": True, "content": content(PostIn)}
    return operation


def _known() -> dict[str, Any]:
    return _parameter("If-None-Match", "header", _TAG, "The entity tag of what you have.", ENTITY_TAG)


def _parameter(
    name: str, place: str, schema: dict[str, Any], description: str, example: object
) -> dict[str, Any]:
    return {"name": name, "in": place, "schema": schema, "description": description, "example": example}
