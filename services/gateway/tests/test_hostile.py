"""Requests that mean harm: refused by the gateway, never passed on in two meanings."""

import pytest

HEAD = b"POST /ip/x HTTP/1.1\r\nHost: localhost\r\n"
SMUGGLED = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 6\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 6",
        b"Content-Length: 6\r\nContent-Length: 5",
        b"Content-Length: 6, 5",
        b"Content-Length: +6",
        b"Content-Length: -1",
        b"Content-Length: 0x6",
        b"Content-Length: 6 6",
        b"Content-Length : 6",
        b"Transfer-Encoding : chunked",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding: identity, chunked",
        b"Transfer-Encoding: xchunked",
        b"Transfer-Encoding: \x0bchunked",
        b"Transfer-Encoding:\r\n chunked",
        b"X: y\rTransfer-Encoding: chunked",
        b"Content-Length: 99999999999999999999999",
    ],
)
def test_ambiguous_framing_is_refused(door, framing):
    reply = door.send(HEAD + framing + b"\r\n\r\n0\r\n\r\n" + SMUGGLED)
    assert reply.status in (400, 413, 501)
    assert reply.json()["status"] == reply.status
    assert reply.header("connection") == ["close"]


@pytest.mark.parametrize(
    "chunk", [b"zz\r\n", b"-1\r\n", b"0x5\r\nhello\r\n", b"ffffffffffffffffff\r\n", b"5\r\nhelloXX\r\n"]
)
def test_broken_chunks_are_refused(door, chunk):
    reply = door.send(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk + SMUGGLED)
    assert reply.status in (400, 413)
    assert b"internal" not in reply.body


@pytest.mark.parametrize(
    "request_line",
    [
        b"GET /ip/\x00 HTTP/1.1",
        b"GET /ip/%00 HTTP/1.1",
        b"GET /ip/\x01 HTTP/1.1",
        b"GET /ip/\x7f HTTP/1.1",
        b"GET /ip/%zz HTTP/1.1",
        b"GET ip HTTP/1.1",
        b"get /ip/ HTTP/1.1",
        b"G\x00T /ip/ HTTP/1.1",
        b"GET /ip/ HTTP/1.1 x",
        b"GET\t/ip/\tHTTP/1.1",
        b"GET http:///ip/ HTTP/1.1",
        b"\x16\x03\x01\x02\x00",
    ],
)
def test_malformed_request_line_is_400(door, request_line):
    with door.connect() as connection:
        connection.sendall(request_line + b"\r\nHost: localhost\r\n\r\n")
        answer = connection.makefile("rb").read()
    assert b'"status":400' in answer


@pytest.mark.parametrize(
    "header",
    [
        b"X: a\x00b",
        b"X: a\rb",
        b"X: a\nb: c\r\n d",
        b"X: a\r\n folded",
        b"X\x00: a",
        b": a",
        b"Host: other",
        b"Host: a/b",
        b"Host: a\x00b",
        b"no colon",
        b"X y: a",
    ],
)
def test_malformed_header_never_reaches_a_service(door, header):
    reply = door.send(b"GET /ip/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + header + b"\r\n\r\n")
    if reply.status == 200:
        names = [name for name, _ in reply.json()["headers"]]
        assert not {"x", "x y", "", "no colon", "x\x00", "b"} & set(names)
    else:
        assert (reply.status, reply.json()["status"]) == (400, 400)


def test_missing_host_is_400(door):
    assert door.send(b"GET /ip/ HTTP/1.1\r\n\r\n").status == 400


def test_old_client_without_host_is_served(door):
    reply = door.send(b"GET /ip/ HTTP/1.0\r\n\r\n")
    assert dict(reply.json()["headers"])["host"] == "localhost"


def test_host_of_an_absolute_target_wins(door):
    reply = door.send(b"GET http://ip.localhost/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    seen = reply.json()
    assert seen["path"] == "/x"
    assert dict(seen["headers"])["host"] == "ip.localhost"


def test_upgrade_is_not_passed_on(door):
    upgrade = [
        "Connection: Upgrade, HTTP2-Settings",
        "Upgrade: h2c",
        "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
    ]
    reply = door.send(
        ("GET /ip/ HTTP/1.1\r\nHost: localhost\r\n" + "\r\n".join(upgrade) + "\r\n\r\n").encode()
    )
    assert reply.status == 200
    assert not {"upgrade", "connection"} & dict(reply.json()["headers"]).keys()


def test_line_breaks_in_a_query_stay_encoded(door):
    reply = door.get("/ip/?a=%0d%0aX-Evil:%201")
    assert reply.json()["query"] == "a=%0d%0aX-Evil:%201"
    assert reply.header("x-evil") == []


def test_unknown_method_is_a_clean_error(door):
    reply = door.send(b"FOO /ip/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert 400 <= reply.status < 500


def test_service_is_fine_after_all_that(door):
    assert door.get("/ip/").status == 200
