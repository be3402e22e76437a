"""`/configs` and `/search`: the datacenter documents."""

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import Body, Request, Response

from chassis.fastapi import Router, problem_responses
from config_service import service
from config_service.dependencies import NO_CONTENT, DependsChange, DependsStore
from config_service.documents import Config
from config_service.schemas import Datacenter

router = Router(tags=["datacenters"])

MERGE_PATCH = {
    "requestBody": {
        "required": True,
        "content": {
            media_type: {
                "schema": {"type": "object"},
                "example": {"metadata": {"monitoring": {"enabled": False}}},
            }
            for media_type in ("application/merge-patch+json", "application/json")
        },
    }
}
CONDITIONS = {
    "parameters": [
        {
            "name": "conditions",
            "in": "query",
            "description": "A dotted path below `metadata.` and the value it must have; all conditions hold.",
            "explode": True,
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
            "example": {"metadata.limits.cpu.enabled": "true"},
        }
    ]
}


@router.get("/configs", response_model=list[Datacenter])
def list_configs(store: DependsStore) -> Response:
    """List all datacenter documents, by name."""
    return _documents(service.list_datacenters(store))


@router.post(
    "/configs",
    **NO_CONTENT,
    responses=problem_responses(400, 403, 409, 413, 415, 422),
)
def create_config(datacenter: Datacenter, store: DependsStore, change: DependsChange) -> None:
    """Add a datacenter document."""
    service.create_datacenter(store, datacenter, change)


@router.get("/configs/{name}", response_model=list[Datacenter])
def get_config(name: str, store: DependsStore) -> Response:
    """Return the datacenter document of that name in a list, or an empty list."""
    config = service.get_datacenter(store, name)
    return _documents([config] if config else [])


@router.put(
    "/configs/{name}",
    **NO_CONTENT,
    responses=problem_responses(400, 404, 409, 413, 415, 422),
)
def put_config(name: str, datacenter: Datacenter, store: DependsStore, change: DependsChange) -> None:
    """Replace a datacenter document, or add it."""
    service.put_datacenter(store, name, datacenter, change)


@router.patch(
    "/configs/{name}",
    **NO_CONTENT,
    responses=problem_responses(400, 404, 413, 415, 422),
    openapi_extra=MERGE_PATCH,
)
def patch_config(
    name: str, patch: Annotated[Any, Body()], store: DependsStore, change: DependsChange
) -> None:
    """Apply a merge patch (RFC 7396) to a datacenter document."""
    service.patch_datacenter(store, name, patch, change)


@router.delete("/configs/{name}", **NO_CONTENT, responses=problem_responses(404))
def delete_config(name: str, store: DependsStore, change: DependsChange) -> None:
    """Remove a datacenter document."""
    service.delete_datacenter(store, name, change)


@router.get(
    "/search", response_model=list[Datacenter], responses=problem_responses(422), openapi_extra=CONDITIONS
)
def search_configs(request: Request, store: DependsStore) -> Response:
    """Find the datacenter documents that have all the given values."""
    return _documents(service.search_datacenters(store, request.query_params.multi_items()))


def _documents(configs: Iterable[Config]) -> Response:
    """Write the list from the JSON texts of the store, which need no parsing for it."""
    items = (f'{{"dcname":"{config.name}","metadata":{config.metadata}}}' for config in configs)
    return Response(f"[{','.join(items)}]", media_type="application/json")
