"""SHOUTCLOUD: the one place that calls it, and what counts as an answer."""

from collections.abc import Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import httpx
import orjson

from shout_service.errors import TransientFailure, UpstreamFailed

RETRIED: Final = frozenset({429, 502, 503, 504})
SLACK: Final = 1024
LONGEST_ESCAPE: Final = 6  # bytes that JSON may write for one: \u0000
TIMEOUT: Final = httpx.Timeout(None, connect=1).as_dict()  # the caller's deadline bounds the rest
HEADERS: Final = {
    "Content-Type": "application/json",  # exactly: a parameter is refused
    "Accept": "application/json",
    "Accept-Encoding": "identity",
}


class Shoutcloud:
    """The external API.

    Arguments:
        transport: for outbound calls.
        url: of the endpoint.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, url: str) -> None:
        self._transport = transport
        self._url = httpx.URL(url)

    async def shout(self, text: str) -> str:
        """Have a text uppercased; one attempt.

        Raises:
            TransientFailure: no connection, or a status that says try again.
            UpstreamFailed: any other answer that is not a right one.
        """
        body = orjson.dumps({"INPUT": text})
        request = httpx.Request(
            "POST", self._url, content=body, headers=HEADERS, extensions={"timeout": TIMEOUT}
        )
        try:
            async with aclosing(await self._transport.handle_async_request(request)) as response:
                _check_head(response)
                reply = await _read(response, _max_reply(text))
        except httpx.RemoteProtocolError as exc:
            raise UpstreamFailed("The shouting API answered with broken HTTP.") from exc
        except httpx.TransportError as exc:
            raise TransientFailure("The shouting API could not be reached.") from exc
        return _parse_reply(reply, text)


def _check_head(response: httpx.Response) -> None:
    if response.status_code in RETRIED:
        wait = parse_retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
        raise TransientFailure(f"The shouting API answered {response.status_code}.", wait)
    if response.status_code != 200:
        raise UpstreamFailed(f"The shouting API answered {response.status_code}.")
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UpstreamFailed("The shouting API answered with something else than JSON.")


async def _read(response: httpx.Response, limit: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > limit:
            raise UpstreamFailed("The shouting API answered with more than was asked for.")
    return bytes(body)


def _max_reply(text: str) -> int:
    """Return the bytes that INPUT and the longest right OUTPUT can take, each escaped in full."""
    size = len(text.encode())
    return LONGEST_ESCAPE * (size + 2 * size) + SLACK


def _parse_reply(body: bytes, text: str) -> str:
    try:
        reply: Any = orjson.loads(body)
    except orjson.JSONDecodeError as exc:
        raise UpstreamFailed("The shouting API answered with broken JSON.") from exc
    output = reply.get("OUTPUT") if isinstance(reply, Mapping) else None
    if not isinstance(output, str):
        raise UpstreamFailed("The shouting API answered without an output.")
    if reply.get("INPUT") != text:
        raise UpstreamFailed("The shouting API answered for another text.")
    if len(output.encode()) > 2 * len(text.encode()) + SLACK:
        raise UpstreamFailed("The shouting API answered with more than was asked for.")
    return output


def parse_retry_after(value: str | None, now: datetime) -> float:
    """Return the seconds that a Retry-After field asks for (RFC 9110 §10.2.3); 0 if it is absent or wrong."""
    if value is None:
        return 0
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return 0
    return max(0.0, (at.astimezone(UTC) - now).total_seconds())
