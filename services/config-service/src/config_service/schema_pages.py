"""The JSON Schemas on the page: what each is, and what it was."""

from typing import Any

from fastapi import Request, Response

from chassis.fastapi import Router
from config_service import schema_service as service
from config_service.page_access import HISTORY, Number, SharedPageStore
from config_service.page_views import pretty, render

router = Router(prefix="/pages/schemas", tags=["pages"], include_in_schema=False)


@router.get("")
def list_page(request: Request, store: SharedPageStore) -> Response:
    """List all schemas."""
    return render(request, "schemas.html", schemas=service.list_schemas(store))


@router.get("/{name}")
def view_page(request: Request, name: str, store: SharedPageStore, revision: Number = None) -> Response:
    """Show a schema, or what a revision made of it, with its history."""
    values: dict[str, Any] = {
        "name": name,
        "entries": service.list_schema_revisions(store, name, limit=HISTORY),
    }
    if not values["entries"] and revision is None:  # the service's own has no history
        content = pretty(service.get_schema(store, name))
        return render(request, "schema.html", **values, shown=None, content=content)
    shown = store.schema_changes.get(name, revision or values["entries"][0].revision)
    return render(
        request, "schema.html", **values, shown=shown, content=shown.schema and pretty(shown.schema)
    )
