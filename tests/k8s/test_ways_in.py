"""Names, prefixes and ports lead to the services: by Ingress, by HTTPRoute, by the gateway's NodePort."""

import httpx
import pytest

from .conftest import SERVICES, ask_again, run

GETS = {"athlete": "/", "blog": "/hello", "config": "/configs", "ip": "/get-ip", "shout": "/docs"}
HOSTS = [*SERVICES, "favourite-athlete"]


def path_of(host):
    return GETS[host.removeprefix("favourite-")]


def address_of(way, deployed):
    return f"{deployed.node()}:30080" if way == "gateway" else deployed.address()


@pytest.fixture(scope="module", params=["ingress", "gateway", "gateway-api"])
def door(request, deployed, overlay):
    """One way in; the Gateway API's has the Ingresses away, which lead to the same places."""
    address = address_of(request.param, deployed)
    if request.param == "gateway-api":
        deployed.kubectl("delete", "ingress", "--all")
    with httpx.Client(base_url=f"http://{address}", trust_env=False, timeout=15) as client:
        yield client
    if request.param == "gateway-api":
        text = run("kubectl", "kustomize", str(overlay)).stdout
        deployed.kubectl("apply", "--server-side", "--filename=-", text=text)


def ok(client, host, path):
    answer = client.get(path, headers={"Host": host})
    return answer if answer.status_code == 200 else None


@pytest.mark.parametrize("host", HOSTS)
def test_host_name_leads_to_its_service(door, suffix, host):
    answer = ask_again(lambda: ok(door, f"{host}.{suffix}", path_of(host)))
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize("service", SERVICES)
def test_prefix_leads_to_its_service(door, suffix, service):
    answer = ask_again(lambda: ok(door, suffix, f"/{service}{GETS[service]}"))
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize("service", SERVICES)
def test_metrics_are_not_for_the_public(door, suffix, service):
    ask_again(lambda: ok(door, suffix, f"/{service}{GETS[service]}"))
    assert door.get(f"/{service}/metrics", headers={"Host": suffix}).status_code == 404


def test_portal_is_on_the_bare_host(deployed, client, suffix):
    assert "<title>" in ask_again(lambda: ok(client, suffix, "/")).text


def test_client_address_is_that_of_the_caller(deployed, client, suffix):
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
