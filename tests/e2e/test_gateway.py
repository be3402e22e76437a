"""The gateway's own part: routing, its errors, its headers, what it hides."""

import re

import pytest

SERVICES = ["ip", "config", "shout", "blog", "athlete"]
PAGES = [
    "/",
    "/nope",
    "/livez",
    "/ip/get-ip",
    "/config/configs",
    "/shout/v1",
    "/blog/",
    "/athlete/",
    "/athlete/nope",
]


@pytest.mark.usefixtures("gateway_stack")
@pytest.mark.parametrize("path", PAGES)
def test_security_headers_are_on_everything(client, path):
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"]
    assert headers["permissions-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert headers["server"] == "nginx"
    assert headers["cache-control"]
    assert "strict-transport-security" not in headers or client.base_url.scheme == "https"


@pytest.mark.parametrize("path", PAGES)
def test_no_security_header_comes_twice(client, path):
    names = [name.lower() for name, _ in client.get(path).headers.multi_items()]
    assert sorted(set(names)) == sorted(names)


def is_problem(reply, status):
    problem = reply.json()
    assert (reply.status, problem["status"]) == (status, status)
    assert reply.header("content-type") == ["application/problem+json"]
    assert problem["request_id"] == reply.header("x-request-id")[0]
    assert re.fullmatch("[0-9a-f]{32}", problem["request_id"])
    assert {"type", "title", "detail"} <= problem.keys()
    return True


def test_unknown_address_is_404(wire):
    assert is_problem(wire.get(b"/nope"), 404)


def test_portal_takes_no_post(wire):
    reply = wire.request(b"POST", b"/", b"Content-Length: 0")
    assert is_problem(reply, 405)
    assert reply.header("allow") == ["GET, HEAD"]


@pytest.mark.usefixtures("gateway_stack")
@pytest.mark.parametrize("prefix", [b"/ip/get-ip", b"/athlete/"])
def test_body_beyond_the_limit_is_413(wire, prefix):
    assert is_problem(wire.request(b"POST", prefix, b"Content-Length: 65537"), 413)


@pytest.mark.usefixtures("gateway_stack")
def test_address_beyond_the_limit_is_414(wire):
    assert is_problem(wire.get(b"/athlete/?" + b"a" * 9000), 414)


@pytest.mark.usefixtures("gateway_stack")
def test_headers_beyond_the_limit_are_431(wire):
    assert is_problem(wire.get(b"/athlete/", b"X-Long: " + b"a" * 10_000), 431)


def test_browser_gets_a_page_with_the_request_id(client):
    answer = client.get("/nope", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert answer.headers["x-request-id"] in answer.text


@pytest.mark.parametrize("suffix", ["", "localhost", "127.0.0.1.nip.io"], ids=["path", "localhost", "nip.io"])
@pytest.mark.parametrize("service", SERVICES)
def test_probes_are_reachable(new_client, service, suffix):
    client = new_client(service, suffix)
    assert [client.get(path).text for path in ("/livez", "/readyz")] == ["ok", "ready"]


@pytest.mark.usefixtures("gateway_stack")
@pytest.mark.parametrize("suffix", ["", "localhost"], ids=["path", "host"])
@pytest.mark.parametrize("service", SERVICES)
def test_details_of_a_probe_are_hidden(new_client, service, suffix):
    assert new_client(service, suffix).get("/readyz?verbose").text == "ready"


@pytest.mark.parametrize("suffix", ["", "localhost"], ids=["path", "host"])
@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "/%6detrics", "/x/../metrics", "//metrics", "/metrics?x"]
)
@pytest.mark.parametrize("service", SERVICES)
def test_metrics_are_hidden(wire, stack, service, path, suffix):
    host = stack.host(service, suffix).encode() if suffix else wire.host
    prefix = "" if suffix else f"/{service}"
    assert wire.get(f"{prefix}{path}".encode(), host=host).status in (400, 404)


@pytest.mark.parametrize(
    "path", ["/admin/faults", "/shoutcloud/admin/faults", "/shout/admin/faults", "/V1/SHOUT"]
)
def test_emulator_is_hidden(client, path):
    assert client.get(path).status_code == 404


def test_gateway_tells_that_it_lives(client):
    assert [client.get(path).text for path in ("/livez", "/readyz")] == ["ok", "ok"]


def test_prefixed_redirect_stays_below_the_prefix(client):
    answer = client.get("/blog/create")
    assert answer.headers["location"].startswith("/blog/auth/login?")


def test_service_behind_a_client_prefix_is_not_moved(client):
    answer = client.get(
        "/blog/create", headers={"X-Forwarded-Prefix": "/evil", "X-Forwarded-Host": "evil.example"}
    )
    assert answer.headers["location"].startswith("/blog/auth/login?")


def test_public_name_is_taken_from_a_front_proxy_only(client, new_disguise):
    page = client.get("/blog/", headers={"X-Forwarded-Host": "evil.example"}).text
    is_front_proxy = bool(new_disguise().headers)
    assert ("evil.example" in page) is is_front_proxy
