"""One JSON object a line, whatever a client sends."""

import re
import uuid
from importlib.metadata import version

import pytest


@pytest.fixture
def request_id():
    return uuid.uuid4().hex


def test_line_has_the_fields_of_the_platform(client, door, upstreams, request_id):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {
        "X-Request-ID": request_id,
        "User-Agent": "probe/1",
        "traceparent": f"00-{trace}-00f067aa0ba902b7-01",
    }
    answer = client.get("/ip/get-ip?token=secret", headers=headers)
    line = door.log_line("request_id", request_id)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("timestamp"))
    assert 0 <= line.pop("duration_ms") < 5000
    assert line == {
        "level": "info",
        "logger": "access",
        "event": "request",
        "service": "gateway",
        "version": version("gateway"),
        "request_id": request_id,
        "trace_id": trace,
        "span_id": "",
        "method": "GET",
        "route": "/ip",
        "path": "/ip/get-ip",
        "status": 200,
        "client_ip": "127.0.0.1",
        "user_agent": "probe/1",
        "bytes": len(answer.content),
        "upstream": upstreams["ip"][0],
    }


def test_trace_that_a_service_began_is_logged(client, door, request_id):
    trace = uuid.uuid4().hex
    client.get(f"/ip/reply?header=X-Trace-ID:{trace}", headers={"X-Request-ID": request_id})
    assert door.log_line("request_id", request_id)["trace_id"] == trace


def test_client_behind_the_front_proxy_is_logged(front_proxy, door, request_id):
    front_proxy.get("/ip/", headers={"X-Request-ID": request_id, "X-Forwarded-For": "203.0.113.7"})
    assert door.log_line("request_id", request_id)["client_ip"] == "203.0.113.7"


@pytest.mark.parametrize(
    ("sent", "logged"),
    [
        (b'","status":200,"x":"', '","status":200,"x":"'),
        (b"back\\slash", "back\\slash"),
        (b"tab\there", "tab\there"),
        (b"\x1b[31mred", "\x1b[31mred"),
        ("Jérôme \u2603 \U0001f600".encode(), "Jérôme \u2603 \U0001f600"),
        (b"latin \xe9", "(not UTF-8)"),
        (b"\xed\xa0\x80", "(not UTF-8)"),
        (b"\xc0\xaf", "(not UTF-8)"),
        (b"", ""),
    ],
)
def test_client_cannot_forge_or_break_a_line(door, request_id, sent, logged):
    headers = [f"X-Request-ID: {request_id}", f"User-Agent: {sent.decode('latin-1')}"]
    door.get("/ip/", headers=headers)
    assert door.log_line("request_id", request_id)["user_agent"] == logged


def test_long_value_is_logged(door, request_id):
    door.get(
        "/ip/",
        headers=[f"X-Request-ID: {request_id}", f"User-Agent: {'é' * 3000}".encode().decode("latin-1")],
    )
    assert door.log_line("request_id", request_id)["user_agent"] == "é" * 3000


@pytest.mark.parametrize("path", ['/nope/"x"', "/nope/\xff", "/nope%0a"])
def test_any_path_is_logged(door, request_id, path):
    door.get(path, headers=[f"X-Request-ID: {request_id}"])
    line = door.log_line("request_id", request_id)
    assert line["path"] == (path if path.isascii() else "(not UTF-8)")
    assert line["status"] == 404


@pytest.mark.parametrize(("method", "target"), [("POST", "/"), ("TRACE", "/ip/"), ("DELETE", "/ip/metrics")])
def test_method_of_a_refused_request_is_logged(door, request_id, method, target):
    door.send(f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: {request_id}\r\n\r\n".encode())
    assert door.log_line("request_id", request_id)["method"] == method


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/ip/readyz", "/ip/livez"])
def test_good_probes_are_not_logged(door, request_id, path):
    marker = uuid.uuid4().hex
    door.get(path, headers=[f"X-Request-ID: {request_id}"])
    door.get("/nope", headers=[f"X-Request-ID: {marker}"])
    door.log_line("request_id", marker)
    assert request_id not in {line["request_id"] for line in door.log()}


def test_request_that_is_none_is_logged(door):
    with door.connect() as connection:
        connection.sendall(b"\x16\x03\x01\r\n\r\n")
        connection.makefile("rb").read()
    assert door.log_line("method", "")["status"] == 400
