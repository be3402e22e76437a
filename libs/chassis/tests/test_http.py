import httpx
import pytest

from chassis.http import create_client
from chassis.testing import free_port

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def chassis(make_chassis):
    return make_chassis()


def calls(chassis, outcome):
    labels = {"dependency": "other", "operation": "GET", "outcome": outcome}
    return chassis.registry.get_sample_value("dependency_request_duration_seconds_count", labels)


async def get(chassis, url, path, **options):
    async with create_client(chassis, "other", base_url=url, **options) as client:
        return await client.get(path)


@pytest.mark.parametrize(("path", "status", "outcome"), [("/items/7", 200, "ok"), ("/items/0", 404, "404")])
async def test_call_is_measured(chassis, flask_service, path, status, outcome):
    response = await get(chassis, flask_service.url, path)

    assert response.status_code == status
    assert calls(chassis, outcome) == 1


async def test_redirect_is_not_followed(chassis, redirecting_url):
    response = await get(chassis, redirecting_url, "/")

    assert response.status_code == 302


async def test_absent_service_is_a_connection_error(chassis):
    with pytest.raises(httpx.ConnectError):
        await get(chassis, f"http://127.0.0.1:{free_port()}", "/")
    assert calls(chassis, "ConnectError") == 1


async def test_silent_service_is_a_timeout(chassis, silent_port):
    with pytest.raises(httpx.TimeoutException):
        await get(chassis, f"http://127.0.0.1:{silent_port}", "/", timeout=0.2)


def test_trace_and_request_id_go_along(samples, start_fastapi, request_id):
    downstream = samples("flask")
    with start_fastapi(DOWNSTREAM_URL=downstream.url) as upstream:
        response = upstream.get("/call?path=/items/7", headers={"X-Request-ID": request_id})
        spans = {span.name: span for span in upstream.spans(response, 3)}

    assert response.json() == {"status": 200, "body": {"item_id": 7}}
    assert downstream.log(request_id)[0]["trace_id"] == response.headers["x-trace-id"]
    assert spans["GET /items/{item_id}"].parent == spans["GET downstream"].id
    assert spans["GET downstream"].parent == spans["GET /call"].id


def test_url_of_a_span_has_no_password_and_no_query(samples, start_fastapi, request_id):
    url = samples("flask").url.replace("//", f"//user:{request_id}@")
    with start_fastapi(DOWNSTREAM_URL=url) as upstream:
        response = upstream.get(f"/call?path=/items/7?token={request_id}")
        assert response.status_code == 200, upstream.lines()
        (call,) = [span for span in upstream.spans(response, 3) if span.name == "GET downstream"]

    assert request_id not in str(call.attributes)
    assert call.attributes["url.full"].endswith("/items/7")
