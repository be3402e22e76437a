"""`/v1/schemas`: the JSON Schemas that documents may name."""

from typing import Annotated, Any

from fastapi import Body, Path, Request, Response

from chassis import dump_json, etag_of, none_match
from chassis.fastapi import Router, problem_responses
from config_service import schema_service as service
from config_service.dependencies import (
    NO_CONTENT,
    DependsChange,
    DependsPreconditions,
    DependsSharedStore,
    Limit,
)
from config_service.history_routes import Cursor, Number
from config_service.schemas import NAME_PATTERN
from config_service.v1_json import revision_page_response, schema_revision_response
from config_service.v1_schemas import RevisionPage, SchemaPage, SchemaRevisionResource

router = Router(prefix="/v1/schemas", tags=["schemas"])

MEDIA_TYPE = "application/schema+json"
SCHEMA_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            media_type: {
                "schema": {"type": ["object", "boolean"]},
                "example": {"properties": {"replicas": {"type": "integer", "minimum": 1}}},
            }
            for media_type in (MEDIA_TYPE, "application/json")
        },
    }
}
SCHEMA_ANSWER: dict[int | str, dict[str, Any]] = {
    status: {"content": {MEDIA_TYPE: {"schema": {"type": ["object", "boolean"]}}}} for status in (200, 201)
}


@router.get("", response_model=SchemaPage)
def list_schemas(store: DependsSharedStore) -> Response:
    """List the names of all schemas."""
    return Response(dump_json({"items": service.list_schemas(store)}), media_type="application/json")


@router.get("/{name}", response_class=Response, responses=problem_responses(404) | {200: SCHEMA_ANSWER[200]})
def get_schema(name: str, store: DependsSharedStore, conditions: DependsPreconditions) -> Response:
    """Return a JSON Schema; `datacenter` is built in."""
    schema = service.get_schema(store, name).encode()
    headers = {"ETag": etag_of(schema), "Cache-Control": "no-cache"}
    if none_match(conditions.if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(schema, headers=headers, media_type=MEDIA_TYPE)


@router.put(
    "/{name}",
    response_class=Response,
    responses=SCHEMA_ANSWER | problem_responses(400, 409, 413, 415, 422),
    openapi_extra=SCHEMA_BODY,
)
def put_schema(
    request: Request,
    name: Annotated[str, Path(pattern=NAME_PATTERN)],
    schema: Annotated[Any, Body()],
    store: DependsSharedStore,
    change: DependsChange,
) -> Response:
    """Add or replace a JSON Schema (2020-12); documents that name it must keep to it."""
    new, added = service.put_schema(store, name, schema, change)
    headers = {"ETag": etag_of(new.schema.encode())}
    if added:
        headers["Location"] = f"{request.scope['root_path']}{router.prefix}/{name}"
    return Response(new.schema, 201 if added else 200, headers, MEDIA_TYPE)


@router.delete("/{name}", **NO_CONTENT, responses=problem_responses(404, 409))
def delete_schema(name: str, store: DependsSharedStore, change: DependsChange) -> None:
    """Remove a JSON Schema that no document names."""
    service.delete_schema(store, name, change)


@router.get(
    "/{name}/revisions", response_model=RevisionPage, responses=problem_responses(404, 422), tags=["history"]
)
def list_schema_revisions(
    name: str, store: DependsSharedStore, limit: Limit = 100, cursor: Cursor = None
) -> Response:
    """List the changes of a JSON Schema, the latest first, also after its deletion."""
    found = service.list_schema_revisions(store, name, before=cursor, limit=limit + 1)
    return revision_page_response(found, limit)


@router.get(
    "/{name}/revisions/{number}",
    response_model=SchemaRevisionResource,
    responses=problem_responses(404, 422),
    tags=["history"],
)
def get_schema_revision(name: str, number: Number, store: DependsSharedStore) -> Response:
    """Return what a revision, by its number in the whole store, made of a JSON Schema."""
    return schema_revision_response(store.schema_changes.get(name, number))
