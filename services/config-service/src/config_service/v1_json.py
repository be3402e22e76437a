"""How `/v1` answers: JSON built around the texts of the store, which need no parsing for it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from fastapi import Response

from chassis import dump_json
from config_service.documents import Config, Revision, SchemaRevision, etag_of


def config_response(config: Config, status: int = 200, location: str | None = None) -> Response:
    """Answer with a document."""
    headers = config_headers(config.revision) | ({"Location": location} if location else {})
    return Response(config_json(config), status, headers, "application/json")


def unchanged_response(revision: int) -> Response:
    """Answer that the client has the document already."""
    return Response(status_code=304, headers=config_headers(revision))


def config_headers(revision: int) -> dict[str, str]:
    """Return what caches must know of a document at a revision."""
    return {"ETag": etag_of(revision), "Cache-Control": "no-cache"}


def config_page_response(configs: Iterable[Config], following: str | None) -> Response:
    """Answer with some documents and the cursor of those that follow."""
    items = ",".join(map(config_json, configs))
    return Response(f'{{"items":[{items}],"next":{_name(following)}}}', media_type="application/json")


def revision_response(revision: Revision) -> Response:
    """Answer with a revision and what it made."""
    head = {"name": revision.name, **_item(revision), "schema": revision.schema}
    content = f'{dump_json(head).decode()[:-1]},"metadata":{revision.metadata or "null"}}}'
    return Response(content, media_type="application/json")


def schema_revision_response(revision: SchemaRevision) -> Response:
    """Answer with a revision of a schema and what it made."""
    head = dump_json({"name": revision.name, **_item(revision)}).decode()
    return Response(f'{head[:-1]},"schema":{revision.schema or "null"}}}', media_type="application/json")


def revision_page_response(found: Sequence[Revision | SchemaRevision], limit: int) -> Response:
    """Answer with as many revisions and, if more were found, the cursor of those before them."""
    following = str(found[limit - 1].revision) if len(found) > limit else None
    page = {"items": list(map(_item, found[:limit])), "next": following}
    return Response(dump_json(page), media_type="application/json")


def config_json(config: Config) -> str:
    """Write a document."""
    return (
        f'{{"name":"{config.name}","metadata":{config.metadata},"schema":{_name(config.schema)},'
        f'"revision":{config.revision},"created_at":"{_time(config.created_at)}",'
        f'"modified_at":"{_time(config.modified_at)}"}}'
    )


def _item(revision: Revision | SchemaRevision) -> dict[str, Any]:
    return {
        "revision": revision.revision,
        "action": revision.action,
        "author": revision.author,
        "at": _time(revision.at),
        "reason": revision.reason,
    }


def _name(name: str | None) -> str:
    return "null" if name is None else f'"{name}"'


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
