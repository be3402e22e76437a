"""`/v1/configs`: documents of any kind, with entity tags."""

from typing import Annotated, Any

from fastapi import Body, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from chassis import none_match, parse_media_type
from chassis.fastapi import Router, problem_responses
from config_service import v1_service as service
from config_service.dependencies import (
    NO_CONTENT,
    DependsChange,
    DependsPreconditions,
    DependsStore,
    Limit,
    check_access,
    opened_store,
    preconditions_of,
)
from config_service.documents import Config, etag_of
from config_service.json_patch import JSON_PATCH, JSON_PATCH_SCHEMA
from config_service.schemas import NAME_PATTERN
from config_service.service import conditions_of
from config_service.v1_json import config_page_response, config_response, unchanged_response
from config_service.v1_schemas import ConfigBody, ConfigPage, ConfigResource, NewConfigBody

router = Router(prefix="/v1/configs", tags=["documents"])

MERGE_PATCH = "application/merge-patch+json"
PATCH_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            MERGE_PATCH: {"schema": {"type": "object"}, "example": {"metadata": {"replicas": None}}},
            JSON_PATCH: {
                "schema": JSON_PATCH_SCHEMA,
                "example": [{"op": "replace", "path": "/metadata/replicas", "value": 5}],
            },
        },
    }
}
NAME_IN_PATH = {
    "parameters": [
        {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "title": "Name"}}
    ]
}
PAGING = frozenset({"limit", "cursor", "prefix", "schema"})


@router.get(
    "/{name}", response_model=ConfigResource, responses=problem_responses(404), openapi_extra=NAME_IN_PATH
)
async def get_config(request: Request) -> Response:
    """Return a document."""
    # What is asked most: FastAPI's dependencies and parameters would take a third of its time.
    name: str = request.path_params["name"]
    known = preconditions_of(request).if_none_match
    if known:
        check_access(request, name)
        revision = await request.state.revisions.of(name)
        if revision is not None and none_match(known, etag_of(revision)):
            return unchanged_response(revision)
    async with opened_store(request) as store:
        return config_response(await run_in_threadpool(service.get_config, store, name))


@router.get("", response_model=ConfigPage, responses=problem_responses(422))
def list_configs(
    request: Request,
    store: DependsStore,
    limit: Limit = 100,
    cursor: Annotated[str | None, Query(pattern=NAME_PATTERN)] = None,
    prefix: Annotated[str, Query(max_length=128)] = "",
    schema: Annotated[str | None, Query(max_length=128)] = None,
) -> Response:
    """List documents by name: with a prefix, of a schema, and with all the `metadata.…` values given."""
    parameters = request.query_params.multi_items()
    conditions = conditions_of(item for item in parameters if item[0] not in PAGING)
    found = store.find(conditions, schema=schema, prefix=prefix, after=cursor or "", limit=limit + 1)
    following = found[limit - 1].name if len(found) > limit else None
    return config_page_response(found[:limit], following)


@router.post(
    "",
    status_code=201,
    response_model=ConfigResource,
    responses=problem_responses(400, 409, 412, 413, 415, 422),
)
def create_config(
    request: Request,
    body: NewConfigBody,
    store: DependsStore,
    conditions: DependsPreconditions,
    change: DependsChange,
) -> Response:
    """Add a document."""
    config = service.create_config(store, body, conditions, change)
    return config_response(config, 201, _location(request, config))


@router.put(
    "/{name}",
    response_model=ConfigResource,
    responses=problem_responses(400, 412, 413, 415, 422) | {201: {"model": ConfigResource}},
)
def put_config(
    request: Request,
    name: Annotated[str, Path(pattern=NAME_PATTERN)],
    body: ConfigBody,
    store: DependsStore,
    conditions: DependsPreconditions,
    change: DependsChange,
) -> Response:
    """Replace a document, or add it."""
    config, added = service.put_config(store, name, body, conditions, change)
    return config_response(config, 201, _location(request, config)) if added else config_response(config)


@router.patch(
    "/{name}",
    response_model=ConfigResource,
    responses=problem_responses(400, 404, 409, 412, 413, 415, 422),
    openapi_extra=PATCH_BODY,
)
def patch_config(
    request: Request,
    name: str,
    patch: Annotated[Any, Body(media_type=MERGE_PATCH)],
    store: DependsStore,
    conditions: DependsPreconditions,
    change: DependsChange,
) -> Response:
    """Apply a merge patch (RFC 7396) or a JSON Patch (RFC 6902) to schema and metadata."""
    media_type = parse_media_type(request.headers["content-type"])
    json_patch = media_type is not None and media_type.essence == JSON_PATCH
    config = service.patch_config(store, name, patch, conditions, change, json_patch=json_patch)
    return config_response(config)


@router.delete("/{name}", **NO_CONTENT, responses=problem_responses(404, 412))
def delete_config(
    name: str, store: DependsStore, conditions: DependsPreconditions, change: DependsChange
) -> None:
    """Remove a document; its history stays."""
    service.delete_config(store, name, conditions, change)


def _location(request: Request, config: Config) -> str:
    return f"{request.scope['root_path']}{router.prefix}/{config.name}"
