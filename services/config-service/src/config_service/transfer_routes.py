"""`/v1/export` and `/v1/import`: everything at once."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from chassis import best_match, none_match, parse_json
from chassis.fastapi import Router, check_media_type, problem_responses
from config_service import transfer as service
from config_service.dependencies import DependsChange, DependsPreconditions, DependsStore
from config_service.errors import InvalidConfig, field_errors
from config_service.v1_schemas import ImportFile, ImportResult

router = Router(prefix="/v1", tags=["export and import"])

JSON, YAML = "application/json", "application/yaml"
CHUNK_BYTES = 64 * 1024


def inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Put definitions where they are referred to, since a document as a whole has none."""
    definitions = schema.pop("$defs", {})

    def resolve(part: Any) -> Any:
        if isinstance(part, list):
            return [resolve(item) for item in part]
        if not isinstance(part, dict):
            return part
        if reference := part.get("$ref"):
            return resolve(definitions[reference.rpartition("/")[2]])
        return {key: resolve(value) for key, value in part.items()}

    resolved: dict[str, Any] = resolve(schema)
    return resolved


FILE: dict[str, Any] = {
    "schema": inlined(ImportFile.model_json_schema()),
    "example": {"version": 1, "schemas": [], "configs": [{"name": "a", "schema": None, "metadata": {}}]},
}
EXPORTED: dict[int | str, dict[str, Any]] = {200: {"content": {JSON: FILE, YAML: FILE}}}


async def _file(request: Request) -> tuple[str, bytes]:
    return check_media_type(request, (JSON, YAML)), await request.body()


@router.get("/export", response_class=Response, responses=problem_responses(503) | EXPORTED)
def export_all(request: Request, store: DependsStore, conditions: DependsPreconditions) -> Response:
    """Return all schemas and documents of one moment, as JSON or YAML."""
    export = service.export(store)
    media_type = best_match(request.headers.get("accept"), (JSON, YAML)) or JSON
    etag = f'"{export.revision}-{media_type.rpartition("/")[2]}"'
    headers = {"ETag": etag, "Cache-Control": "no-cache", "Vary": "Accept"}
    if none_match(conditions.if_none_match, etag):
        return Response(status_code=304, headers=headers)
    content = export.yaml() if media_type == YAML else export.json()
    return StreamingResponse(_gathered(content), headers=headers, media_type=media_type)


@router.post(
    "/import",
    responses=problem_responses(400, 409, 413, 415, 422),
    openapi_extra={"requestBody": {"required": True, "content": {JSON: FILE, YAML: FILE}}},
)
def import_all(
    file: Annotated[tuple[str, bytes], Depends(_file)],
    store: DependsStore,
    change: DependsChange,
    mode: Annotated[Literal["merge", "replace"], Query()] = "merge",
    dry_run: Annotated[bool, Query()] = False,
) -> ImportResult:
    """Write all schemas and documents of a file, as one revision or not at all."""
    return service.import_file(store, _parse(*file), change, replace=mode == "replace", dry_run=dry_run)


def _parse(media_type: str, body: bytes) -> ImportFile:
    value = _parse_yaml(body) if media_type == YAML else parse_json(body)
    try:
        return ImportFile.model_validate(value)
    except ValidationError as exc:
        raise InvalidConfig("This is no file of an export.", errors=field_errors(exc)[:50]) from exc


def _parse_yaml(body: bytes) -> Any:
    from config_service.yaml_text import parse_yaml  # noqa: PLC0415 1 MB for who sends YAML

    return parse_yaml(body)


def _gathered(parts: Iterator[bytes]) -> Iterator[bytes]:
    """Join small parts, so that each takes a thread once."""
    chunk = bytearray()
    for part in parts:
        chunk += part
        if len(chunk) >= CHUNK_BYTES:
            yield bytes(chunk)
            chunk.clear()
    yield bytes(chunk)
