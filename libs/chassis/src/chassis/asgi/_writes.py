"""Answers in one packet each, and many of them at the end of a turn of the loop."""

from __future__ import annotations

import asyncio
from typing import Any

JOINED_BYTES = 16 * 1024


class Turn:
    """The present turn of a loop, shared by the connections of a server: whether one of them has taken it."""

    def __init__(self) -> None:
        self._is_taken = False

    def take(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Take it, or tell that it is taken until the turn is over."""
        if self._is_taken:
            return False
        self._is_taken = True
        loop.call_soon(self._end)
        return True

    def _end(self) -> None:
        self._is_taken = False


class JoinedWrites(asyncio.Transport):
    """A transport that sends what is written in one turn of the loop together.

    uvicorn writes head and body one after the other, which costs a system call and a packet each: the head
    waits for the body. The first answer of a turn leaves then. Each that followed at once would wake its
    client anew while other requests of the turn are served, under load a fourth of a request's CPU time: they
    leave when the turn is over. Nothing waits for longer, so the head of a stream does not either.

    Args:
        transport: that sends.
        loop: on which it does.
        turn: of that loop.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, turn: Turn) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._turn = turn
        self._held = b""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Hold the data; what is too much to be joined goes at once, after what is held."""
        if len(self._held) + len(data) > JOINED_BYTES:
            self._flush()
            self._transport.write(data)
        elif self._held:
            self._held += data
            if self._turn.take(self._loop):
                self._flush()
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
