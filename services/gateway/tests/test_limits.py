"""Sizes, slow clients, connections per address."""

import socket
import time
from contextlib import ExitStack, suppress
from dataclasses import replace

import pytest

KIB, MIB = 1024, 1024 * 1024


def put(target, size, *, chunked=False, host="localhost"):
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
    return f"PUT {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{framing}\r\n\r\n".encode()


LIMITS = [
    ("/ip/x", "localhost", 64 * KIB),
    ("/athlete/", "localhost", 64 * KIB),
    ("/config/v1/import", "localhost", 12 * MIB),
    ("/shout/v1/batch", "localhost", 8 * MIB),
    ("/blog/create", "localhost", 6 * MIB),
    ("/blog/account/import", "localhost", 64 * MIB),
    ("/account/import/", "blog.localhost", 64 * MIB),
    ("/create", "blog.localhost", 6 * MIB),
]


@pytest.mark.parametrize(("target", "host", "limit"), LIMITS)
def test_announced_size_is_refused_before_the_body(door, target, host, limit):
    reply = door.send(put(target, limit + 1, host=host))
    assert (reply.status, reply.json()["status"]) == (413, 413)


@pytest.mark.parametrize(("target", "host", "limit"), LIMITS[:5])
def test_body_up_to_the_limit_passes(client, target, host, limit):
    assert client.put(target, content=bytes(limit)).json()["size"] == limit


def send_chunks(connection, total):
    """Send up to `total` bytes in chunks; return how many were taken before the gateway answered."""
    chunk = b"10000\r\n" + bytes(64 * KIB) + b"\r\n"
    sent = 0
    connection.settimeout(5)
    while sent < total:
        connection.setblocking(False)
        try:
            if connection.recv(1, socket.MSG_PEEK):
                return sent
        except BlockingIOError:
            pass
        connection.settimeout(5)
        connection.sendall(chunk)
        sent += 64 * KIB
    connection.sendall(b"0\r\n\r\n")
    return sent


@pytest.mark.parametrize("target", ["/ip/x", "/shout/v1"])
def test_endless_chunked_body_is_cut_off(door, target):
    with door.connect() as connection:
        connection.sendall(put(target, 0, chunked=True))
        taken = send_chunks(connection, 100 * MIB)
        reply = door.read(connection)
    assert (reply.status, reply.json()["status"]) == (413, 413)
    assert taken < 20 * MIB


def test_hundred_megabytes_announced_are_refused_at_once(door):
    started = time.monotonic()
    assert door.send(put("/ip/x", 100_000_000)).status == 413
    assert time.monotonic() - started < 2


def test_refused_expectation_gets_no_continue(door):
    request = put("/ip/x", MIB).replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
    assert door.send(request).status == 413


def test_long_header_line_is_431(door):
    reply = door.get("/ip/", headers=[f"X-Long: {'a' * 10_000}"])
    assert (reply.status, reply.json()["status"]) == (431, 431)


def test_many_headers_are_431(door):
    reply = door.get("/ip/", headers=[f"X-{n}: {'a' * 1000}" for n in range(50)])
    assert (reply.status, reply.json()["status"]) == (431, 431)


def test_ordinary_cookies_pass(door):
    assert door.get("/ip/", headers=[f"Cookie: a={'a' * 4096}"]).status == 200


def test_long_address_is_414(door):
    reply = door.get("/ip/" + "a" * 10_000)
    assert (reply.status, reply.json()["status"]) == (414, 414)


@pytest.fixture
def strict(site, start_gateway, port):
    """A gateway with little patience."""
    return start_gateway(replace(site, port=port, client_timeout=1, connections=3))


@pytest.mark.parametrize(
    "start",
    [
        b"GET /ip/ HTTP/1.1\r\nHost: loc",
        put("/ip/x", 1000) + b"a",
        put("/ip/x", 0, chunked=True) + b"5\r\nab",
    ],
)
def test_silent_client_is_hung_up_on(strict, start):
    started = time.monotonic()
    with strict.connect() as connection:
        connection.sendall(start)
        with suppress(ConnectionResetError):
            assert connection.recv(1000) == b""
    assert 0.5 < time.monotonic() - started < 8
    assert strict.get("/ip/").status == 200


def test_dribbled_headers_are_hung_up_on(strict):
    with strict.connect() as connection:
        connection.settimeout(0.1)
        started = time.monotonic()
        while not hung_up(connection):
            assert time.monotonic() - started < 8


def hung_up(connection):
    """Send one more byte and say whether that was too much."""
    try:
        connection.sendall(b"X")
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    except OSError:
        return True


def test_too_many_requests_at_once_from_one_address_are_429(strict, wait_for):
    with ExitStack() as stack:
        for _ in range(3):
            connection = stack.enter_context(strict.connect())
            connection.sendall(b"GET /ip/v1/ips/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert connection.recv(100)
        reply = strict.get("/ip/")
        assert (reply.status, reply.json()["status"], reply.header("retry-after")) == (429, 429, ["1"])
        with strict.connect("127.0.0.8") as other:
            other.sendall(b"GET /ip/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert other.recv(12) == b"HTTP/1.1 200"
    wait_for(lambda: strict.get("/ip/").status == 200)
