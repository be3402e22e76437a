import httpx
import pytest

from chassis.testing import http_client, wait_until


def requests_of(service, **labels):
    return service.metric("http_server_request_duration_seconds_count", **labels)


@pytest.mark.parametrize(
    ("method", "path", "route", "status"),
    [
        ("GET", "/items/7", "/items/{item_id}", "200"),
        ("GET", "/items/0", "/items/{item_id}", "404"),
        ("HEAD", "/items/7", "/items/{item_id}", "200"),
        ("DELETE", "/items/7", "/items/{item_id}", "405"),
        ("GET", "/boom", "/boom", "500"),
        ("GET", "/", "/", "200"),
    ],
)
def test_request_is_counted_under_its_template(service, method, path, route, status):
    labels = {"method": method, "route": route, "status": status}
    before = requests_of(service, **labels)

    service.request(method, path)

    wait_until(lambda: requests_of(service, **labels) == before + 1)


def test_unknown_path_is_unmatched(service, request_id):
    before = requests_of(service, method="GET", route="unmatched", status="404")

    service.get(f"/nowhere/{request_id}")

    wait_until(lambda: requests_of(service, method="GET", route="unmatched", status="404") == before + 1)
    assert request_id not in service.get("/metrics").text


@pytest.mark.parametrize("method", ["PROPFIND", "MKCOL"])
def test_unknown_method_is_other(service, method):
    before = requests_of(service, method="_OTHER", route="/items/{item_id}")

    assert service.request(method, "/items/7").status_code == 405

    wait_until(lambda: requests_of(service, method="_OTHER", route="/items/{item_id}") == before + 1)
    assert method not in service.get("/metrics").text


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_probes_are_not_counted(service, path):
    service.get(path)

    assert f'method="GET",route="{path}"' not in service.get("/metrics").text


def test_requests_being_served_are_counted(service):
    with httpx.stream("GET", f"{service.url}/slow?seconds=0", timeout=5) as response:
        response.read()

    wait_until(lambda: service.metric("http_server_active_requests") == 0)


def test_service_and_process_describe_themselves(service):
    assert service.metric("service_info", service="chassis", version="0.1.0") == 1
    assert service.metric("process_resident_memory_bytes") > 0
    assert service.metric("process_open_fds") > 0


def test_calls_to_stores_are_counted(fastapi_service, flask_service, request_id):
    for service, labels in [
        (fastapi_service, {"dependency": "redis", "operation": "SET", "outcome": "ok"}),
        (flask_service, {"dependency": "sqlite", "operation": "SELECT", "outcome": "ok"}),
    ]:
        before = service.metric("dependency_request_duration_seconds_count", **labels)

        service.get(f"/stored/{request_id}")

        assert service.metric("dependency_request_duration_seconds_count", **labels) == before + 1


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("text/plain", "text/plain"),
        ("application/openmetrics-text;version=1.0.0", "application/openmetrics-text"),
    ],
)
def test_format_is_the_one_asked_for(service, accept, media_type):
    response = service.get("/metrics", headers={"Accept": accept})

    assert response.headers["content-type"].startswith(media_type)
    assert response.text.endswith("# EOF\n") == (media_type == "application/openmetrics-text")


def test_metrics_have_a_port_of_their_own_when_it_is_set(start, free_port_number):
    with start(METRICS_PORT=str(free_port_number)) as service:
        assert service.get("/metrics").status_code == 404
        service.get("/items/7")
        own = httpx.get(f"http://127.0.0.1:{free_port_number}/metrics", trust_env=False)

    assert own.status_code == 200
    assert 'route="/items/{item_id}"' in own.text


def test_figures_of_several_workers_are_those_of_the_whole(start):
    with start(WEB_CONCURRENCY="2") as service:
        seen = set()
        count = 0
        while len(seen) < 2 and count < 400:
            with http_client(service.url) as fresh:
                seen.add(fresh.get("/whoami").json()["pid"])
            count += 1

        assert len(seen) == 2
        labels = {"method": "GET", "route": "/whoami", "status": "200"}
        wait_until(lambda: requests_of(service, **labels) == count)
