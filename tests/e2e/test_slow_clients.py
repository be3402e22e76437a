"""Clients that fall silent: hung up on, and nobody else waits for them."""

import selectors
import time
from contextlib import ExitStack

import pytest

DEADLINE = 15
POST = b"POST %s HTTP/1.1\r\nHost: HOST\r\nContent-Type: %s\r\n"
HEADS = [b"", b"GET /athl", b"GET /athlete/ HTTP/1.1\r\nHost: HOST\r\nX-Slow: "]
ANNOUNCED = POST + b"Content-Length: 100\r\n\r\n{"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"
FORM, JSON = b"application/x-www-form-urlencoded", b"application/json"
SINKS = {"config": (b"/configs", JSON), "shout": (b"/v1", JSON), "blog": (b"/auth/login", FORM)}
UNFINISHED = [
    (name, framing % sink)
    for name, sink in SINKS.items()
    for framing in (
        POST + b"Content-Length: 100\r\n\r\n{",
        POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{",
    )
]
# granian reads a form without a deadline, which holds a thread of the blog; the gateway passes whole forms on
TIMED = [(name, begun) for name, begun in UNFINISHED if name != "blog"]
BODIES = [begun.replace(b" /", f" /{name}/".encode(), 1) for name, begun in UNFINISHED]
PAGES = {"ip": b"/livez", "config": b"/configs/none", "shout": b"/livez", "blog": b"/hello", "athlete": b"/"}


def begin(wire, begun, connections):
    connection = connections.enter_context(wire.connect())
    connection.sendall(begun.replace(b"HOST", wire.host))
    return connection


def test_silent_client_is_hung_up_on(wire, embedded, new_door):
    services = [new_door("direct", name).wire for name in PAGES]
    calls = [(wire, begun) for begun in (*HEADS[1:], *BODIES)]
    calls += [(service, begun) for service in services for begun in HEADS[1:]]
    with selectors.DefaultSelector() as silent, ExitStack() as connections:
        for called, begun in calls:
            connection = begin(called, begun, connections)
            silent.register(connection, selectors.EVENT_READ, (called.url.port, begun))
        deadline = time.monotonic() + DEADLINE
        while silent.get_map() and time.monotonic() < deadline:
            for key, _ in silent.select(timeout=deadline - time.monotonic()):
                silent.unregister(key.fileobj)
        assert [key.data for key in silent.get_map().values()] == []


@pytest.mark.parametrize("begun", [*HEADS, *BODIES])
def test_many_silent_clients_keep_nobody_waiting(stack, wire, client, begun):
    if stack.domain and b"/blog/" in begun:
        pytest.skip("an ingress controller may pass on what is not whole yet")
    with ExitStack() as connections:
        for _ in range(100):
            begin(wire, begun, connections)
        for name, page in PAGES.items():
            assert client.get(f"/{name}{page.decode()}", timeout=5).status_code == 200
        assert client.get("/", timeout=5).status_code == 200


@pytest.mark.parametrize(("name", "begun"), [*((name, begun) for name in PAGES for begun in HEADS), *TIMED])
def test_many_silent_clients_hold_no_service_up(new_door, name, begun):
    door = new_door("direct", name)
    with ExitStack() as connections:
        for _ in range(100):
            begin(door.wire, begun, connections)
        assert door.get(PAGES[name]).status == 200
