"""By Ingress, by HTTPRoute, by the gateway's NodePort: each leads to everything."""

import sys

import httpx
import pytest

from .conftest import FULL, REPOSITORY, SERVICES, ask_again, ok, run

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
        client.way = request.param
        yield client
    if request.param == "gateway-api":
        deployed.apply(overlay)


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


def test_end_to_end_tests_pass(door, suffix):
    """Those of the embedded stack; one that needs its processes, or the gateway first, says so."""
    if door.way == "gateway-api" and not FULL:
        pytest.skip("the third time takes minutes; FULL=1 runs it too")
    ask_again(lambda: ok(door, suffix, "/"))
    where = {"BASE_URL": str(door.base_url), "BASE_HOST": "" if door.way == "gateway" else suffix}
    options = ("-p", "no:cacheprovider", "-q", str(REPOSITORY / "tests/e2e"))
    print(run(sys.executable, "-m", "pytest", *options, **where).stdout)  # noqa: T201 - what it skipped
