"""Bodies that are too large or too slow."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.types import Message, Receive

from chassis._body_limits import LINGER_SECONDS, too_large
from chassis._problem import Problem


class RequestTimeout(Problem):
    """The body did not arrive in time."""

    status = 408


class BoundedReceive:
    """A `receive` that ends a body past its limit or its time.

    Args:
        receive: the server's.
        limit: bytes at most.
        seconds: time for the whole body.
    """

    def __init__(self, receive: Receive, limit: int, seconds: float) -> None:
        self._receive = receive
        self._left = limit
        self._limit = limit
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._complete = False

    async def __call__(self) -> Message:
        """The next message; after the body, messages such as a disconnect pass untouched."""
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise RequestTimeout("The request body did not arrive in time.") from None
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise too_large(self._limit)
        self._complete = not message.get("more_body", False)
        return message


async def linger(receive: Receive) -> None:
    """Throw away what a refused client still sends, for a while.

    Closing at once would reset the connection, and the answer could get lost on its way (RFC 9112 §9.6).
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while (await receive()).get("more_body"):
                pass
