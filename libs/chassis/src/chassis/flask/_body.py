"""Bodies that are too large."""

from __future__ import annotations

import time
from typing import Any

from chassis._body_limits import LINGER_SECONDS, too_large

LINGER_BYTES = 128 * 1024 * 1024
ANNOUNCED_BYTES = 16 * 1024 * 1024  # who announces more is not waited for
_PIECE = 64 * 1024


class BoundedInput:
    """A `wsgi.input` that ends a body past its limit, whether or not its length was announced.

    Args:
        stream: the server's.
        limit: bytes at most.
    """

    def __init__(self, stream: Any, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._left = limit

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes, all for a negative one.

        Raises:
            ContentTooLarge: past the limit.
        """
        wanted = self._left + 1 if size is None or size < 0 else min(size, self._left + 1)
        data: bytes = self._stream.read(wanted)
        self._left -= len(data)
        if self._left < 0:
            raise too_large(self._limit)
        return data

    def readline(self, size: int = -1) -> bytes:
        """Read up to and with the next newline."""
        line: bytes = self._stream.readline() if size is None or size < 0 else self._stream.readline(size)
        self._left -= len(line)
        if self._left < 0:
            raise too_large(self._limit)
        return line

    def linger(self) -> None:
        """Throw away what a refused client still sends, up to a time and `LINGER_BYTES`.

        Closing at once would reset the connection, and the answer could get lost on its way (RFC 9112 §9.6).
        It is sent after this: a proxy that is still sending when the connection ends may never look at it.
        """
        deadline, left = time.monotonic() + LINGER_SECONDS, LINGER_BYTES
        while left > 0 and time.monotonic() < deadline and (data := self._stream.read(_PIECE)):
            left -= len(data)
