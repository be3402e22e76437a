"""What a service learns about the request, and what it does not believe."""

import re

import pytest

FORGED = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=203.0.113.7;proto=https",
    "X-Real-IP": "203.0.113.7",
    "X-Forwarded-Port": "1",
    "X-Original-URL": "/metrics",
    "X-Rewrite-URL": "/metrics",
    "X_Forwarded_For": "203.0.113.7",
    "Proxy": "evil.example",
}


def received(answer):
    return dict(answer.json()["headers"])


def test_forwarding_headers_come_from_the_connection(client, door):
    seen = received(client.get("/ip/get-ip"))
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert seen["x-forwarded-proto"] == "http"
    assert seen["x-forwarded-host"] == seen["host"] == f"127.0.0.1:{door.port}"


@pytest.mark.parametrize("path", ["/ip/get-ip", "/ip/v1/ips/me", "/ip/readyz"])
def test_forged_headers_are_replaced(client, path):
    seen = received(client.get(path, headers=FORGED))
    assert seen["x-forwarded-for"] == "127.0.0.1"
    assert seen["x-forwarded-prefix"] == "/ip"
    assert "203.0.113.7" not in str(seen)
    assert "evil" not in str(seen)
    assert not {"forwarded", "x-real-ip", "x-original-url", "x-rewrite-url", "proxy"} & seen.keys()


def test_forged_prefix_is_removed_where_there_is_none(client):
    seen = received(client.get("/", headers={**FORGED, "Host": "ip.localhost"}))
    assert "x-forwarded-prefix" not in seen


def test_front_proxy_is_believed(front_proxy):
    seen = received(front_proxy.get("/ip/get-ip", headers=FORGED))
    assert seen["x-forwarded-for"] == "203.0.113.7"
    assert seen["x-forwarded-proto"] == "https"
    assert seen["x-forwarded-host"] == seen["host"] == "evil.example"
    assert seen["x-forwarded-prefix"] == "/ip"
    assert "forwarded" not in seen


def test_front_proxies_list_is_read_from_the_right(front_proxy):
    chain = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7, 127.0.0.9"}
    assert received(front_proxy.get("/ip/", headers=chain))["x-forwarded-for"] == "203.0.113.7"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Forwarded-Host", "evil.example/path"),
        ("X-Forwarded-Host", "a b"),
        ("X-Forwarded-Proto", "javascript"),
        ("X-Forwarded-For", "unknown"),
    ],
)
def test_nonsense_from_the_front_proxy_is_ignored(front_proxy, door, header, value):
    seen = received(front_proxy.get("/ip/", headers={header: value}))
    assert seen["x-forwarded-host"] == f"127.0.0.1:{door.port}"
    assert seen["x-forwarded-proto"] == "http"
    assert seen["x-forwarded-for"] == "127.0.0.9"


@pytest.mark.parametrize("host", ["localhost:8080", "quintet.example", "[::1]:8080", "[::1]"])
def test_public_host_keeps_its_port(client, host):
    assert received(client.get("/ip/", headers={"Host": host}))["x-forwarded-host"] == host


@pytest.mark.parametrize("request_id", ["a", "A-b_c.9", "x" * 128])
def test_valid_request_id_is_kept(client, request_id):
    answer = client.get("/ip/", headers={"X-Request-ID": request_id})
    assert received(answer)["x-request-id"] == request_id
    assert answer.headers["X-Request-ID"] == request_id


@pytest.mark.parametrize("request_id", ["", "x" * 129, "a b", 'a"b', "a,b", "é".encode(), "a\tb"])
def test_invalid_request_id_is_replaced(client, request_id):
    answer = client.get("/ip/", headers={"X-Request-ID": request_id})
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])
    assert received(answer)["x-request-id"] == answer.headers["X-Request-ID"]


def test_two_request_ids_are_none(door):
    reply = door.get("/ip/", headers=["X-Request-ID: one", "X-Request-ID: two"])
    assert re.fullmatch("[0-9a-f]{32}", *reply.header("x-request-id"))


def test_trace_headers_pass(client):
    trace = {
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "tracestate": "vendor=value",
        "baggage": "user=alice",
        "uber-trace-id": "4bf92f3577b34da6a3ce929d0e0e4736:00f067aa0ba902b7:0:1",
    }
    assert received(client.get("/ip/", headers=trace)).items() >= trace.items()


def test_connections_to_a_service_are_kept(client):
    peers = {tuple(client.get("/blog/").json()["peer"]) for _ in range(5)}
    assert len(peers) == 1
