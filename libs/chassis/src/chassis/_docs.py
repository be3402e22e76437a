"""The docs page: an OpenAPI document as plain HTML, without scripts or a CDN."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from chassis._html import HTMLPage, html_page

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def render_docs(openapi: Mapping[str, Any], prefix: str) -> HTMLPage:
    """Render a page.

    Args:
        openapi: OpenAPI 3.1 document.
        prefix: public path prefix of the service.
    """
    info = openapi["info"]
    head = Markup('<h1>{} <small>{}</small></h1>\n<p>{}</p>\n<p><a href="{}">openapi.json</a></p>\n').format(
        info["title"], info["version"], info.get("description", ""), f"{prefix}/openapi.json"
    )
    return html_page(f"{info['title']} API", head + Markup("\n").join(_operations(openapi, prefix)))


def _operations(openapi: Mapping[str, Any], prefix: str) -> Iterator[Markup]:
    for path, item in openapi.get("paths", {}).items():
        for method in _METHODS:
            if method in item:
                yield _operation(method.upper(), prefix + path, item[method], openapi)


def _operation(method: str, path: str, operation: Mapping[str, Any], openapi: Mapping[str, Any]) -> Markup:
    parts = [
        Markup("<section>\n<h2><code>{} {}</code></h2>\n<p>{}</p>").format(
            method, path, operation.get("description") or operation.get("summary", "")
        )
    ]
    if parameters := operation.get("parameters"):
        rows = [
            _row(f"{p['name']} ({p['in']})", p.get("description") or _type(p.get("schema", {})))
            for p in parameters
        ]
        parts.append(_table("Parameters", rows))
    for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
        parts.append(_example(f"Body, {media_type}", body, openapi))
    rows = [_row(status, answer["description"]) for status, answer in operation.get("responses", {}).items()]
    return Markup("\n").join([*parts, _table("Answers", rows), Markup("</section>")])


def _table(caption: str, rows: list[Markup]) -> Markup:
    return Markup("<h3>{}</h3>\n<dl>\n{}</dl>").format(caption, Markup("").join(rows))


def _row(term: str, text: str) -> Markup:
    return Markup("<dt><code>{}</code></dt><dd>{}</dd>\n").format(term, text)


def _type(schema: Mapping[str, Any]) -> str:
    choices = schema.get("anyOf", [schema])
    return " or ".join(str(choice.get("type", "any")) for choice in choices)


def _example(caption: str, body: Mapping[str, Any], openapi: Mapping[str, Any]) -> Markup:
    shown = body.get("example") or _resolve(body.get("schema", {}), openapi)
    text = json.dumps(shown, indent=2, ensure_ascii=False)
    return Markup("<h3>{}</h3>\n<pre><code>{}</code></pre>").format(caption, text)


def _resolve(schema: Mapping[str, Any], openapi: Mapping[str, Any]) -> Any:
    if reference := schema.get("$ref"):
        name = str(reference).rpartition("/")[2]
        return openapi["components"]["schemas"].get(name, schema)
    return schema
