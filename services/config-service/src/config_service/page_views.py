"""How the page looks."""

import base64
import difflib
import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from config_service.documents import Revision, decode
from config_service.page_forms import COOKIE

_TEMPLATES = Environment(
    loader=PackageLoader("config_service"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_STYLE = _TEMPLATES.get_template("style.css").render()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
}
CONTEXT_LINES = 4


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """Answer with a page.

    Args:
        request: that is answered.
        template: name of its template.
        status: of the answer.
        values: for the template.
    """
    shared = {
        "root": request.scope["root_path"],
        "style": Markup(_STYLE),  # noqa: S704 our own
        "guarded": not request.state.access.open,
        "signed_in": COOKIE in request.cookies,
    }
    content = _TEMPLATES.get_template(template).render(**shared, **values)
    return Response(content.encode("utf-8", "replace"), status, _HEADERS, "text/html")


def pretty(metadata: str) -> str:
    """Write a JSON text for people."""
    return json.dumps(decode(metadata), indent=2, ensure_ascii=False)


def diff_lines(old: Revision, new: Revision) -> list[str]:
    """Return the lines that differ, marked with `+` and `-`, and some around them."""
    return list(difflib.unified_diff(list(_lines(old)), list(_lines(new)), n=CONTEXT_LINES, lineterm=""))[2:]


def _lines(revision: Revision) -> Iterator[str]:
    if revision.metadata is not None:
        yield f"schema: {revision.schema or 'none'}"
        yield from pretty(revision.metadata).splitlines()


def _moment(value: datetime) -> str:
    return value.strftime("%Y-%m-%d %H:%M:%S UTC")


_TEMPLATES.filters["moment"] = _moment
