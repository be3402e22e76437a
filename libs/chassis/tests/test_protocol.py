import http.client
import json
import re
import socket
from contextlib import suppress

import pytest

HEAD = b"GET /items/3 HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def connection(fastapi_service):
    with socket.create_connection(("127.0.0.1", fastapi_service.port), timeout=10) as connection:
        yield connection


def answer_of(connection):
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response, response.read()


def is_last_problem(connection, status):
    response, body = answer_of(connection)
    problem = json.loads(body)
    assert (response.status, problem["status"]) == (status, status)
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-request-id"] == problem["request_id"]
    assert re.fullmatch("[0-9a-f-]{36}", problem["request_id"])
    assert response.headers["connection"] == "close"
    assert connection.recv(1) == b""
    return problem["request_id"]


@pytest.mark.parametrize(
    "head",
    [
        b"FROBNICATE /items/3 HTTP/1.1\r\n\r\n",
        b"get /items/3 HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        HEAD + b"X: a\rb\r\n\r\n",
        HEAD + b"X: a\x00b\r\n\r\n",
        HEAD + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
    ],
)
def test_what_is_no_http_is_a_logged_problem(fastapi_service, connection, head):
    before = len(fastapi_service.lines())
    connection.sendall(head)
    found = fastapi_service.log(is_last_problem(connection, 400))
    assert (found[0]["event"], found[0]["status"]) == ("request_refused", 400)
    since = fastapi_service.lines()[before:]  # answers to others may be among them
    assert [line for line in since if line["logger"] != "access"] == found


@pytest.mark.parametrize("part", [b"X: " + b"a" * 70_000, b"X: a\r\n" * 12_000], ids=["long", "many"])
def test_endless_head_is_431(connection, part):
    with suppress(ConnectionError):
        connection.sendall(HEAD + part)
    is_last_problem(connection, 431)


def test_head_may_come_in_pieces(connection):
    for piece in (HEAD[:3], HEAD[3:30], HEAD[30:], b"X: " + b"a" * 60_000, b"\r\n", b"\r\n"):
        connection.sendall(piece)
    assert answer_of(connection)[0].status == 200


def test_many_heads_on_one_connection_are_each_counted_anew(connection):
    for _ in range(3):
        connection.sendall(HEAD + b"X: " + b"a" * 30_000)
        connection.sendall(b"\r\n\r\n")
        assert answer_of(connection)[0].status == 200


def test_http2_in_clear_text_is_refused_at_once(service):
    with socket.create_connection(("127.0.0.1", service.port), timeout=5) as connection:
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert connection.recv(12) in (b"HTTP/1.1 400", b"")
