"""Answers as the client likes them."""

from collections.abc import Sequence
from typing import Final, get_args

import orjson
from starlette.responses import Response

from chassis import Problem, best_match, current_request_id
from shout_service.body import JSON, TEXT
from shout_service.service import Shout, Source

_OFFERS: Final = {JSON: (JSON, TEXT), TEXT: (TEXT, JSON)}
_CONTENT_TYPES: Final = {JSON: b"application/json", TEXT: b"text/plain; charset=utf-8"}
_HEADERS: Final = {
    (media_type, source): [
        (b"content-type", content_type),
        (b"shout-source", source.encode()),
        (b"vary", b"Accept"),
        (b"cache-control", b"no-store"),
    ]
    for media_type, content_type in _CONTENT_TYPES.items()
    for source in get_args(Source)
}


def render(shout: Shout, media_type: str, accept: str | None) -> Response:
    """Answer as the client likes it best, else as its request came."""
    if accept not in (None, "*/*"):
        media_type = best_match(accept, _OFFERS[media_type]) or media_type
    response = Response(orjson.dumps(shout.text) if media_type == JSON else shout.text.encode())
    response.raw_headers += _HEADERS[media_type, shout.source]  # made ready once: every cache hit needs them
    return response


def render_batch(answers: Sequence[Shout | Problem], instance: str) -> Response:
    """Answer a batch: the texts and the problems, in the order of the items."""
    request_id = current_request_id() or ""
    results = [
        {"data": answer.text}
        if isinstance(answer, Shout)
        else {"error": answer.document(f"{instance}#/data/{index}", request_id)}
        for index, answer in enumerate(answers)
    ]
    return Response(
        orjson.dumps({"results": results}), headers={"Cache-Control": "no-store"}, media_type=JSON
    )
