"""Answers leave at the end of a turn of the loop, each in one packet."""

from __future__ import annotations

import asyncio
from typing import Any

JOINED_BYTES = 16 * 1024


class JoinedWrites(asyncio.Transport):
    """A transport that sends what is written in one turn of the loop together, when the turn is over.

    uvicorn writes head and body one after the other, which costs a system call and a packet each. Sent at
    once, an answer would also wake its client while the other requests of the turn are served, so each
    answer would wake somebody anew: under load that is a fourth of a request's CPU time. Nothing waits for
    longer than the turn, so the head of a stream does not either.

    Args:
        transport: that sends.
        loop: on which it does.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._held = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Hold the data; what is too much to be joined goes at once, after what is held."""
        if len(self._held) + len(data) > JOINED_BYTES:
            self._flush()
            self._transport.write(data)
        elif self._held:
            self._held += data
        elif data:
            self._held = bytes(data)
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        held, self._held = self._held, b""
        if held and not self._transport.is_closing():
            self._transport.write(held)

    def close(self) -> None:
        """Close, once everything is sent."""
        self._flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        """Take no more data from the other end."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Take data again."""
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What the connection is, such as its `socket`."""
        return self._transport.get_extra_info(name, default)
