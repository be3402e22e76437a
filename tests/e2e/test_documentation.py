"""What each service says about itself: a page and an OpenAPI document, below its prefix and by host name."""

import re

import pytest

SERVICES = ["ip", "config", "shout", "blog", "athlete"]


@pytest.fixture(scope="module", params=["", "localhost"], ids=["path", "host"])
def way(request):
    return request.param


@pytest.fixture(scope="module", params=SERVICES)
def service(request, new_client, way):
    client = new_client(request.param, way)
    client.prefix = "" if way else f"/{request.param}"
    return client


def test_document_names_the_address_it_was_read_at(service):
    answer = service.get("/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    document = answer.json()
    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": service.prefix or "/"}]


def test_every_path_of_the_document_is_served(service):
    paths = service.get("/openapi.json").json()["paths"]
    assert paths
    for path, operations in paths.items():
        answer = service.options(path.replace("{", "").replace("}", ""))
        if answer.status_code != 204 and "{" in path:
            continue  # its parameter takes no word
        allowed = answer.headers["allow"].lower().split(", ")
        assert (path, sorted(set(operations) - set(allowed))) == (path, [])


def test_page_needs_nothing_from_elsewhere(service):
    answer = service.get("/docs")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f'href="{service.prefix}/openapi.json"' in answer.text
    assert re.findall(r"<(?:script|link|img|iframe)\b", answer.text) == []
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy


@pytest.mark.parametrize("kind", ["docs", "openapi", "home"])
@pytest.mark.parametrize("name", SERVICES)
def test_list_of_services_leads_to_what_exists(client, name, kind):
    listed = {service["name"]: service for service in client.get("/services.json").json()["services"]}
    if path := listed[name].get(kind):
        assert client.get(listed[name]["prefix"] + path).status_code == 200
