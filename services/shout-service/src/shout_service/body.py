"""Texts in request bodies, and answers as the client likes them."""

from collections.abc import Sequence
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from chassis import (
    BadRequest,
    ContentTooLarge,
    FieldError,
    Problem,
    UnprocessableContent,
    UnsupportedMediaType,
    best_match,
    current_request_id,
    parse_json,
    parse_media_type,
)
from chassis.fastapi import check_media_type
from shout_service.reversal import UNITS, Unit
from shout_service.service import Shout

JSON: Final = "application/json"
TEXT: Final = "text/plain"
MAX_TEXT: Final = 64 * 1024
MAX_ITEMS: Final = 100
MAX_BODY: Final = 6 * MAX_TEXT + 1024  # JSON may write \u0000 for one byte
_OFFERS: Final = {JSON: (JSON, TEXT), TEXT: (TEXT, JSON)}
_UTF_8: Final = frozenset({"utf-8", "utf8", "us-ascii"})


async def read_text(request: Request) -> tuple[str, str]:
    """Return the text of a request, and the media type it came in.

    Raises:
        Problem: 400, 413, 415 or 422, as the body deserves.
    """
    media_type = _read_media_type(request)
    body = await request.body()
    if len(body) > MAX_BODY:
        raise _too_large()
    text = _decode(body) if media_type == TEXT else _find_text(parse_json(body))
    return check_text(text), media_type


async def read_items(request: Request) -> list[Any]:
    """Return the items of a batch, whatever they are.

    Raises:
        Problem: 400, 413, 415 or 422, as the body deserves.
    """
    check_media_type(request, (JSON,))
    content = parse_json(await request.body())
    items = content.get("data") if isinstance(content, dict) else None
    if not isinstance(items, list):
        raise _wrong_shape("/data", "a list of strings is expected")
    if len(items) > MAX_ITEMS:
        raise _wrong_shape("/data", f"at most {MAX_ITEMS} strings are expected")
    return items


def check_text(text: str) -> str:
    """Return a text that is not too large.

    Raises:
        ContentTooLarge: more than 64 KiB in UTF-8.
    """
    if len(text) * 4 > MAX_TEXT and len(text.encode()) > MAX_TEXT:
        raise _too_large()
    return text


def read_unit(request: Request) -> Unit:
    """Return what the query asks to reverse by."""
    if not request.scope["query_string"]:
        return "grapheme"
    unit: Any = request.query_params.get("unit", "grapheme")
    if unit not in UNITS:
        fault = FieldError("", f"query parameter unit: {' or '.join(UNITS)} is expected")
        raise UnprocessableContent("The unit is not known.", errors=[fault])
    known: Unit = unit
    return known


def render(shout: Shout, media_type: str, accept: str | None) -> Response:
    """Answer as the client likes it best, else as its request came."""
    offers = _OFFERS[media_type]
    chosen = media_type if accept in (None, "*/*") else best_match(accept, offers) or media_type
    content = orjson.dumps(shout.text) if chosen == JSON else shout.text.encode()
    headers = {"Shout-Source": shout.source, "Vary": "Accept", "Cache-Control": "no-store"}
    return Response(content, headers=headers, media_type=chosen)


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


def _read_media_type(request: Request) -> str:
    header = request.headers.get("content-type")
    if header == JSON:
        return JSON
    declared = parse_media_type(header)
    if declared is None or declared.essence != TEXT:
        return check_media_type(request, (JSON, TEXT))
    if declared.parameters.get("charset", "utf-8").lower() not in _UTF_8:
        raise UnsupportedMediaType("The text must be UTF-8.", headers={"Accept-Post": f"{JSON}, {TEXT}"})
    return TEXT


def _decode(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as exc:
        raise BadRequest(f"The text is not UTF-8: byte {exc.start + 1} cannot be decoded.") from exc


def _find_text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if not isinstance(content, dict):
        raise _wrong_shape("", "a string or an object with a string `data` is expected")
    if "data" not in content:
        raise _wrong_shape("/data", "is missing")
    if not isinstance(content["data"], str):
        raise _wrong_shape("/data", "a string is expected")
    return content["data"]


def _wrong_shape(pointer: str, detail: str) -> UnprocessableContent:
    return UnprocessableContent("There is no text to shout.", errors=[FieldError(pointer, detail)])


def _too_large() -> ContentTooLarge:
    return ContentTooLarge(f"A text may have at most {MAX_TEXT} bytes in UTF-8.")
