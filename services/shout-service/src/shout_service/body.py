"""Texts in request bodies."""

from typing import Any, Final

from starlette.requests import ClientDisconnect, Request

from chassis import (
    BadRequest,
    ContentTooLarge,
    FieldError,
    UnprocessableContent,
    UnsupportedMediaType,
    parse_json,
    parse_media_type,
)
from chassis.fastapi import check_media_type
from shout_service.reversal import UNITS, Unit

JSON: Final = "application/json"
TEXT: Final = "text/plain"
MAX_TEXT: Final = 64 * 1024
MAX_ITEMS: Final = 100
MAX_BODY: Final = 6 * MAX_TEXT + 1024  # JSON may write \u0000 for one byte
_UTF_8: Final = frozenset({"utf-8", "utf8", "us-ascii"})


async def read_text(request: Request) -> tuple[str, str]:
    """Return the text of a request, and the media type it came in.

    Raises:
        Problem: 400, 413, 415 or 422, as the body deserves.
    """
    media_type = _read_media_type(request)
    body = await _read_body(request)
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


def find_header(request: Request, name: bytes) -> str | None:
    """Return a header, its lines joined; cheaper than `request.headers`, which reads them all."""
    lines = [value for key, value in request.scope["headers"] if key == name]
    return b", ".join(lines).decode("latin-1") if lines else None


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


async def _read_body(request: Request) -> bytes:
    """Read the body of one text: cheaper than `request.body`, and bounded more tightly."""
    body = bytearray()
    is_whole = False
    while not is_whole:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > MAX_BODY:
            raise _too_large()
        is_whole = not message.get("more_body", False)
    return bytes(body)


def _read_media_type(request: Request) -> str:
    header = find_header(request, b"content-type")
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
