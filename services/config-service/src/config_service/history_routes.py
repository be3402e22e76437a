"""`/v1/configs/{name}/…`: the history of a document."""

from typing import Annotated, Any

from fastapi import Path, Query, Response

from chassis import dump_json
from chassis.fastapi import Router, problem_responses
from config_service import history
from config_service.dependencies import DependsChange, DependsPreconditions, DependsStore, Limit
from config_service.json_patch import JSON_PATCH, JSON_PATCH_SCHEMA
from config_service.schemas import MAX_REVISION
from config_service.v1_json import config_response, revision_page_response, revision_response
from config_service.v1_schemas import ConfigResource, RevisionPage, RevisionResource, RollbackBody

router = Router(prefix="/v1/configs/{name}", tags=["history"])

PATCH: dict[int | str, dict[str, Any]] = {
    200: {"description": "A JSON Patch (RFC 6902)", "content": {JSON_PATCH: {"schema": JSON_PATCH_SCHEMA}}}
}

Number = Annotated[int, Path(ge=1, le=MAX_REVISION)]
Cursor = Annotated[int | None, Query(ge=1, le=MAX_REVISION)]


@router.get("/revisions", response_model=RevisionPage, responses=problem_responses(404, 422))
def list_revisions(name: str, store: DependsStore, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """List the changes of a document, the latest first, also after its deletion."""
    return revision_page_response(store.changes.list(name, before=cursor, limit=limit + 1), limit)


@router.get("/revisions/{number}", response_model=RevisionResource, responses=problem_responses(404, 422))
def get_revision(name: str, number: Number, store: DependsStore) -> Response:
    """Return what a revision, by its number in the whole store, made of a document."""
    return revision_response(store.changes.get(name, number))


@router.get("/diff", response_class=Response, responses=problem_responses(404, 422) | PATCH)
def diff_revisions(
    name: str,
    store: DependsStore,
    old: Annotated[int, Query(alias="from", ge=1, le=MAX_REVISION)],
    new: Annotated[int | None, Query(alias="to", ge=1, le=MAX_REVISION)] = None,
) -> Response:
    """Return the JSON Patch from one revision of a document to another; the latest by default."""
    return Response(dump_json(history.diff_revisions(store, name, old, new)), media_type=JSON_PATCH)


@router.post(
    "/rollback", response_model=ConfigResource, responses=problem_responses(400, 404, 412, 413, 415, 422)
)
def roll_back(
    name: str,
    body: RollbackBody,
    store: DependsStore,
    conditions: DependsPreconditions,
    change: DependsChange,
) -> Response:
    """Give a document the content of an earlier revision, also after its deletion."""
    return config_response(history.roll_back(store, name, body.revision, conditions, change))
