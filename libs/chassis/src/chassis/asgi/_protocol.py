"""What uvicorn leaves open about the heads of requests: their size, their time, and whether they are any."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chassis._logging import get_logger
from chassis._problem import BadRequest, Problem, render_problem, status_phrase
from chassis._request_id import request_id
from chassis.asgi._writes import JoinedWrites, Turn

HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 10.0
log = get_logger(__name__)


class HeadTooLarge(Problem):
    """The head has no end in sight."""

    status = 431


class Protocol(HttpToolsProtocol):
    """One connection, whose client is to send complete heads (RFC 9112 §2.2, RFC 6585 §5).

    Args:
        turn: shared by all connections of the server.
        options: uvicorn's.
    """

    _size = 0
    _timer: asyncio.TimerHandle | None = None

    def __init__(self, *, turn: Turn, **options: Any) -> None:
        super().__init__(**options)
        self._turn = turn

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Begin to wait for the first head."""
        super().connection_made(JoinedWrites(transport, self.loop, self._turn))
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._end_wait()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Pass on what came; as long as the head is incomplete, it must not grow too large or too old."""
        super().data_received(data)
        if self.scope is not None and "method" in self.scope:
            if self._timer is not None:
                self._end_wait()
            return
        self._size += len(data)
        if self._size > HEAD_BYTES:
            self._refuse(HeadTooLarge(f"The head of a request may have {HEAD_BYTES} bytes."))
        elif self._timer is None:
            self._wait()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, an unknown method for one, as every other error is answered."""
        self._refuse(BadRequest(msg))

    def _wait(self) -> None:
        self._timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _end_wait(self) -> None:
        self._size = 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _refuse(self, problem: Problem) -> None:
        if self.transport.is_closing():
            return
        own_id = request_id(None)
        log.warning("request_refused", request_id=own_id, status=problem.status, reason=problem.detail)
        body, headers = render_problem(problem, accept=None, instance="", request_id=own_id)
        lines = {
            **dict(headers),
            "X-Request-ID": own_id,
            "X-Content-Type-Options": "nosniff",
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        status = f"HTTP/1.1 {problem.status} {status_phrase(problem.status)}\r\n"
        self.transport.write(f"{status}{head}\r\n".encode() + body)
        self.transport.close()
