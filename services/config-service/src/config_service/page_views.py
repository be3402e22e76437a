"""How the page looks."""

import base64
import difflib
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from fastapi import Request, Response
from markupsafe import Markup

from config_service.documents import Revision, decode
from config_service.page_forms import COOKIE

if TYPE_CHECKING:
    from jinja2 import Environment

CONTEXT_LINES = 4


@dataclass(frozen=True, slots=True)
class _Look:
    templates: "Environment"
    style: str
    headers: Mapping[str, str]


@cache
def _look() -> _Look:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 2 MB for who opens a page

    templates = Environment(
        loader=PackageLoader("config_service"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["moment"] = _moment
    style = templates.get_template("style.css").render()
    return _Look(templates, style, _headers(style))


def _headers(style: str) -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return {
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{digest}'; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        ),
        "Referrer-Policy": "same-origin",
    }


def render(request: Request, template: str, *, status: int = 200, **values: Any) -> Response:
    """Answer with a page.

    Args:
        request: that is answered.
        template: name of its template.
        status: of the answer.
        values: for the template.
    """
    look = _look()
    shared = {
        "root": request.scope["root_path"],
        "style": Markup(look.style),  # noqa: S704 our own
        "guarded": not request.state.access.open,
        "signed_in": COOKIE in request.cookies,
    }
    content = look.templates.get_template(template).render(**shared, **values)
    return Response(content.encode("utf-8", "replace"), status, look.headers, "text/html")


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
