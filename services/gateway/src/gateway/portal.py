"""What the portal shows, made from the routing table."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from gateway.errors import GatewayError
from gateway.table import Service

PLACE = "<!-- services -->"
_SHOWN = {"name", "title", "summary", "prefix", "hosts", "home", "docs", "openapi", "links", "examples"}
_ITEM = Markup('<li><a href="{}">{}</a> {}</li>')


def services_json(services: Sequence[Service], jaeger_url: str | None) -> str:
    """Return the document that the portal is built from."""
    shown: dict[str, Any] = {
        "jaeger_url": jaeger_url,
        "services": [
            service.model_dump(include=_SHOWN, by_alias=True, exclude_none=True) for service in services
        ],
    }
    return json.dumps(shown, ensure_ascii=False, indent=1) + "\n"


def index_html(page: Path, services: Sequence[Service]) -> str:
    """Return the front page with the list of services for readers without JavaScript."""
    try:
        text = page.read_text(encoding="utf-8")
    except OSError as exc:
        raise GatewayError(f"{page}: {exc.strerror}") from exc
    items = Markup("\n").join(_ITEM.format(s.prefix + s.home, s.title, s.summary) for s in services)
    return text.replace(PLACE, items)
