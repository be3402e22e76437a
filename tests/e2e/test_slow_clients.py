"""Clients that fall silent: hung up on, and nobody else waits for them."""

import selectors
import time
from contextlib import ExitStack

import pytest

DEADLINE = 15
POST = b"POST /%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
BEGINNINGS = [
    b"",
    b"GET /athl",
    b"GET /athlete/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    *(
        POST % path + b"Content-Length: 100\r\n\r\n{"
        for path in (b"config/configs", b"shout/v1", b"blog/auth/login")
    ),
    *(POST % path + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{" for path in (b"config/configs", b"shout/v1")),
]


def test_silent_client_is_hung_up_on(wire):
    with selectors.DefaultSelector() as silent, ExitStack() as connections:
        for beginning in BEGINNINGS[1:]:
            connection = connections.enter_context(wire.connect())
            connection.sendall(beginning)
            silent.register(connection, selectors.EVENT_READ, beginning)
        deadline = time.monotonic() + DEADLINE
        while silent.get_map() and time.monotonic() < deadline:
            for key, _ in silent.select(timeout=deadline - time.monotonic()):
                silent.unregister(key.fileobj)
        assert [key.data for key in silent.get_map().values()] == []


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_many_silent_clients_keep_nobody_waiting(wire, client, beginning):
    with ExitStack() as connections:
        for _ in range(100):
            connections.enter_context(wire.connect()).sendall(beginning)
        for path in ("/config/configs/none", "/blog/hello", "/athlete/", "/ip/livez", "/shout/livez", "/"):
            assert client.get(path, timeout=5).status_code == 200
