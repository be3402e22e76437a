"""What comes back through the Ingress."""

from .conftest import ask_again, ok


def test_portal_is_on_the_bare_host(client, suffix):
    assert "<title>" in ask_again(lambda: ok(client, suffix, "/")).text


def test_client_address_is_that_of_the_caller(client, suffix):
    headers = {"Host": suffix, "Accept": "text/plain", "X-Forwarded-For": "1.2.3.4"}
    assert "1.2.3.4" not in client.get("/ip/get-ip", headers=headers).text


def test_links_carry_the_prefix(client, suffix):
    page = client.get("/ip/docs", headers={"Host": suffix, "Accept": "text/html"})
    assert "/ip/" in page.text


def test_traces_are_in_jaeger(client, suffix):
    answer = client.get("/ip/get-ip", headers={"Host": suffix})
    trace = f"/jaeger/api/traces/{answer.headers['x-trace-id']}"
    found = ask_again(lambda: ok(client, suffix, trace)).json()["data"][0]
    services = {process["serviceName"] for process in found["processes"].values()}
    assert services == {"ip-service"}
    assert len(found["spans"]) > 1
