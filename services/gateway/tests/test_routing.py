"""Which request reaches which service, and as what."""

from dataclasses import replace

import pytest


def port_of(upstreams, service):
    return int(upstreams[service][0].rpartition(":")[2])


@pytest.mark.parametrize("service", ["ip", "config", "shout", "blog", "athlete"])
def test_path_prefix_is_stripped_and_told(client, upstreams, service):
    seen = client.get(f"/{service}/some/thing?a=1&b=%20").json()
    assert seen["port"] == port_of(upstreams, service)
    assert (seen["path"], seen["query"]) == ("/some/thing", "a=1&b=%20")
    assert dict(seen["headers"])["x-forwarded-prefix"] == f"/{service}"


@pytest.mark.parametrize(
    ("host", "service"),
    [
        ("ip.localhost", "ip"),
        ("config.localhost:8080", "config"),
        ("shout.192.0.2.7.nip.io", "shout"),
        ("BLOG.Example.ORG", "blog"),
        ("athlete.127.0.0.1.nip.io", "athlete"),
        ("favourite-athlete.127.0.0.1.nip.io", "athlete"),
    ],
)
def test_host_before_any_suffix_selects_the_service(client, upstreams, host, service):
    seen = client.get("/some/thing", headers={"Host": host}).json()
    assert seen["port"] == port_of(upstreams, service)
    assert seen["path"] == "/some/thing"
    assert "x-forwarded-prefix" not in dict(seen["headers"])


@pytest.mark.parametrize("host", ["localhost", "zip.localhost", "ip", "quintet.example", "[::1]:8080"])
def test_any_other_host_routes_by_path(client, upstreams, host):
    assert client.get("/ip/x", headers={"Host": host}).json()["port"] == port_of(upstreams, "ip")


@pytest.mark.parametrize("service", ["ip", "athlete"])
def test_prefix_without_slash_is_the_root_of_the_service(client, service):
    seen = client.get(f"/{service}?a=1").json()
    assert (seen["path"], seen["query"]) == ("/", "a=1")


def test_prefix_is_a_whole_segment(client):
    assert client.get("/ipx").status_code == 404


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/config/configs/a%20b%25c%3Fd%23e", "/configs/a%20b%25c%3Fd%23e"),
        ("/config/configs/%C3%A9%2Bf", "/configs/%C3%A9+f"),
        ("/config/configs/%256detrics", "/configs/%256detrics"),
        ("/config/configs/a%0d%0aX-Evil:%201", "/configs/a%0D%0AX-Evil:%201"),
        ("/config/notes.md", "/notes.md"),
    ],
)
def test_escapes_in_a_path_keep_their_meaning(door, target, path):
    seen = door.get(target).json()
    assert seen["path"] == path


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"])
def test_methods_are_left_to_the_service(client, method):
    assert client.request(method, "/athlete/").json()["method"] == method


def test_head_has_no_body(client):
    answer = client.head("/athlete/")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("probe", ["livez", "readyz"])
@pytest.mark.parametrize(("host", "prefix"), [("localhost", "/ip"), ("ip.localhost", "")])
def test_probes_of_a_service_are_reachable_without_details(door, host, prefix, probe):
    for target in (f"{prefix}/{probe}?verbose", f"{prefix}/{probe}/?verbose", f"/ip{prefix}/{probe}?verbose"):
        seen = door.get(target, host=host).json()
        assert (seen["path"], seen["query"]) == (f"/{probe}", "")


@pytest.mark.parametrize("host", ["localhost", "ip.localhost"])
@pytest.mark.parametrize(
    "target",
    [
        "/metrics",
        "/metrics/",
        "/metrics?x=1",
        "//metrics",
        "/./metrics",
        "/x/../metrics",
        "/x/%2e%2e/metrics",
        "/%6detrics",
        "/metrics%0a",
        "/metrics/x",
        "/ip/metrics",
        "/ip/ip/metrics",
        "/metrics/.",
        "%2fmetrics",
    ],
)
def test_metrics_are_hidden_however_they_are_written(door, host, target):
    prefix = "/ip" if host == "localhost" else ""
    reply = door.get(prefix + target, host=host)
    assert reply.status in (400, 404)
    assert b"internal" not in reply.body


@pytest.mark.parametrize(
    "target", ["/ip/../config/x", "/ip/%2e%2e/config/x", "/ip/..%2fconfig/x", "//config//x"]
)
def test_dot_segments_are_resolved_before_the_service_is_chosen(door, upstreams, target):
    seen = door.get(target).json()
    assert seen["port"] == port_of(upstreams, "config")
    assert seen["path"] == "/x"


@pytest.mark.parametrize(
    "target", ["/../etc/passwd", "/ip/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd"]
)
def test_no_path_leads_out_of_the_root(door, target):
    reply = door.get(target)
    assert reply.status == 400
    assert b"root:" not in reply.body


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("probe", ["/livez", "/readyz", "/readyz/", "/readyz?verbose"])
def test_gateway_has_probes_of_its_own(client, method, probe):
    answer = client.request(method, probe)
    assert answer.status_code == 200
    assert answer.text == ("ok" if method == "GET" else "")
    assert answer.headers["Cache-Control"] == "no-store"


def test_probe_takes_no_other_method(client):
    answer = client.post("/readyz")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


def test_portal_is_at_the_root(client):
    answer = client.get("/")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert '<a href="/ip/get-ip">IP registry</a>' in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert answer.headers["Cache-Control"] == "no-cache"


def test_portal_is_revalidated(client):
    etag = client.get("/portal.js").headers["ETag"]
    assert client.get("/portal.js", headers={"If-None-Match": etag}).status_code == 304


def test_portal_list_is_served(client):
    assert client.get("/services.json").json()["services"][0]["name"] == "ip"


@pytest.mark.parametrize("path", ["/README.md", "/.git/config", "/nginx.conf", "/stdout"])
def test_portal_serves_nothing_else(client, path):
    assert client.get(path).status_code == 404


def test_portal_takes_get_only(client):
    answer = client.post("/")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD")


@pytest.fixture
def jaeger(site, upstreams, start_gateway, port):
    """A gateway that serves a Jaeger."""
    (address,) = upstreams["athlete"]
    return start_gateway(replace(site, port=port, jaeger=address))


def test_jaeger_is_served_below_its_path(jaeger):
    assert jaeger.get("/jaeger/api/services?a=1").json()["path"] == "/jaeger/api/services"
    assert jaeger.log_line("path", "/jaeger/api/services")["route"] == "/jaeger"


def test_jaeger_without_slash_leads_to_its_page(jaeger):
    reply = jaeger.get("/jaeger")
    assert (reply.status, reply.header("location")) == (301, ["/jaeger/"])


def test_jaeger_is_no_path_of_a_gateway_without_one(client):
    assert client.get("/jaeger/").status_code == 404
