"""The OpenAPI document of the API, and a page to read it."""

from typing import Any

from flask import Blueprint, Response, current_app, request
from pydantic.json_schema import models_json_schema

from blog_service.api.schemas import PostIn, PostList, PostOut
from chassis import dump_json, render_docs

document = Blueprint("document", __name__)

_REFERENCE = "#/components/schemas/{model}"
_POSTS = "/api/v1/posts"
_PROBLEMS = {
    "400": "The body or the query cannot be read.",
    "401": "No token, or none that is good.",
    "403": "The post is somebody else's.",
    "404": "There is no such post, or not for you.",
    "409": "The post was changed at the same moment.",
    "412": "The post is not the one that was read.",
    "413": "The body is too large.",
    "415": "The body is no application/json.",
    "422": "The body breaks the schema; `errors` says where.",
}
_CURSOR = {
    "type": "string",
    "pattern": r"^(2\d{3}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T[01]\d(:[0-5]\d){2}\.\d{6}Z_[1-9]\d{0,8})?$",
    "example": "2030-01-31T09:00:00.000000Z_7",
}
_WRITES = ("400", "401", "413", "415", "422")
_ONE = ("401", "404")


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
    _, schemas = models_json_schema(models, ref_template=_REFERENCE)  # type: ignore[arg-type]  # a literal
    chassis = current_app.chassis  # type: ignore[attr-defined]  # our App
    return {
        "openapi": "3.1.0",
        "info": {"title": "blog-service", "version": chassis.version, "description": "Read and write posts."},
        "paths": {_POSTS: _collection(), f"{_POSTS}/{{post_id}}": _item()},
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _collection() -> dict[str, Any]:
    queries = [
        _parameter("before", "query", _CURSOR, "The `next` of the part before."),
        _parameter("tag", "query", {"type": "string"}, "Only posts with this tag."),
    ]
    return {
        "get": _operation("List the posts that everybody may see.", "200", PostList, ("400", "401"), queries),
        "post": _operation("Store a new post.", "201", PostOut, _WRITES, body=True),
    }


def _item() -> dict[str, Any]:
    known = {"type": "integer", "minimum": 0, "maximum": 2147483647}
    condition = [_parameter("If-Match", "header", {"type": "string"}, "The entity tag that was read.")]
    edit = ("403", "404", "409", "412")
    return {
        "parameters": [{**_parameter("post_id", "path", known, "Number of the post."), "required": True}],
        "get": _operation("Read a post.", "200", PostOut, _ONE),
        "put": _operation("Store an edit.", "200", PostOut, (*_WRITES, *edit), condition, body=True),
        "delete": _operation("Delete a post.", "204", None, ("401", *edit), condition),
    }


def _operation(
    summary: str,
    status: str,
    model: type | None,
    problems: tuple[str, ...],
    parameters: list[dict[str, Any]] | None = None,
    *,
    body: bool = False,
) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "Done."}
    if model is not None:
        answer["content"] = _content(model)
    problem = {"application/problem+json": {"schema": {"type": "object"}}}
    failures = {code: {"description": _PROBLEMS[code], "content": problem} for code in sorted(problems)}
    operation: dict[str, Any] = {
        "summary": summary,
        "security": [{"token": []}] if "403" in problems or body else [{}, {"token": []}],
        "parameters": parameters or [],
        "responses": {status: answer, **failures},
    }
    if body:
        operation["requestBody"] = {"required": True, "content": _content(PostIn)}
    return operation


def _content(model: type) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": _REFERENCE.format(model=model.__name__)}}}


def _parameter(name: str, place: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": place, "schema": schema, "description": description}
