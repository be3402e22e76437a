"""The answers of the API, right and wrong."""

from collections.abc import Callable, Mapping
from typing import Final

import orjson
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from shoutcloud_emulator.faults import Fault, Kind
from shoutcloud_emulator.uppercase import shout

JSON_TYPE: Final = "APPLICATION/JSON"
ASLEEP: Final = (
    "<!DOCTYPE html><html><head><title>Application error</title></head>"
    "<body><h1>Application error</h1><p>The application is asleep. Try again later.</p></body></html>"
)


def answer(text: str) -> Response:
    """Return the right answer."""
    return _json({"INPUT": text, "OUTPUT": shout(text)})


def bad_request() -> Response:
    """Return the answer to everything that is not a proper call."""
    return PlainTextResponse("BAD REQUEST", 400)


def wrong_answer(fault: Fault, text: str) -> Response:
    """Return the answer that a fault makes of a call; the kinds `none` and `reset` have none."""
    if fault.kind == "status":
        return _status(fault)
    return _WRONG[fault.kind](text)


def _json(content: Mapping[str, str | int], media_type: str = JSON_TYPE) -> Response:
    return Response(orjson.dumps(content), media_type=media_type)


def _status(fault: Fault) -> Response:
    headers = {"Retry-After": fault.retry_after} if fault.retry_after else None
    if fault.status == 503:
        return HTMLResponse(ASLEEP, 503, headers)
    return PlainTextResponse(f"{fault.status}", fault.status, headers)


_WRONG: Final[dict[Kind, Callable[[str], Response]]] = {
    "redirect": lambda _: RedirectResponse("/V1/SHOUT", 307),
    "garbage": lambda _: Response(b'{"INPUT": \xff\x00', media_type=JSON_TYPE),
    "wrong_type": lambda text: _json({"INPUT": text, "OUTPUT": shout(text)}, "text/html"),
    "wrong_input": lambda text: _json({"INPUT": f"not {text}", "OUTPUT": shout(f"not {text}")}),
    "wrong_output": lambda text: _json({"INPUT": text, "OUTPUT": 42}),
    "missing_output": lambda text: _json({"INPUT": text}),
    "oversize": lambda text: _json({"INPUT": text, "OUTPUT": "!" * (2 * len(text.encode()) + 2048)}),
}
