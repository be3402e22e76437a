"""Head and body of an answer in one packet."""

from __future__ import annotations

import asyncio
from typing import Any

JOINED_BYTES = 16 * 1024


class JoinedWrites(asyncio.Transport):
    """A transport that sends the first two writes of one turn of the loop together.

    uvicorn writes head and body one after the other, which costs a system call and a packet each. The first
    write is held until the next one, and no longer than the turn: the head of a stream does not wait.

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
        """Hold the data, or send it after what is held."""
        if held := self._held:
            self._held = b""
            if len(data) <= JOINED_BYTES:
                data = held + data
            else:
                self._transport.write(held)
            self._transport.write(data)
        elif data:
            self._held = bytes(data)
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        if held := self._held:
            self._held = b""
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
