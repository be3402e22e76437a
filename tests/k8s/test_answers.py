"""What comes back through the Ingress."""

import secrets

import pytest

from .conftest import ask_again, ok


def test_portal_is_on_the_bare_host(client, suffix):
    assert "<title>" in ask_again(lambda: ok(client, suffix, "/")).text


def test_client_address_is_that_of_the_caller(client, suffix):
    headers = {"Host": suffix, "Accept": "text/plain", "X-Forwarded-For": "1.2.3.4"}
    assert "1.2.3.4" not in client.get("/ip/get-ip", headers=headers).text


def test_links_carry_the_prefix(client, suffix):
    page = client.get("/ip/docs", headers={"Host": suffix, "Accept": "text/html"})
    assert "/ip/" in page.text


@pytest.mark.parametrize(
    ("method", "path", "services", "spans"),
    [
        ("GET", "/athlete/", {"athlete-service"}, 1),
        ("GET", "/blog/", {"blog-service"}, 2),
        ("GET", "/config/configs", {"config-service"}, 2),
        ("GET", "/ip/get-ip", {"ip-service"}, 2),
        ("POST", "/shout/v1", {"shout-service", "shoutcloud-emulator"}, 3),
    ],
)
def test_trace_is_in_jaeger(client, suffix, method, path, services, spans):
    """With what the service asked: its store, or the external API."""
    body = {"data": secrets.token_hex(8)} if method == "POST" else None
    answer = client.request(method, path, json=body, headers={"Host": suffix})
    address = f"/jaeger/api/traces/{answer.headers['x-trace-id']}"

    def is_whole() -> bool:
        found = ok(client, suffix, address)
        trace = found.json()["data"][0] if found else {"processes": {}, "spans": []}
        seen = {process["serviceName"] for process in trace["processes"].values()}
        return seen == services and len(trace["spans"]) >= spans

    ask_again(is_whole, 60)
