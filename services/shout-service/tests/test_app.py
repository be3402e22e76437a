import pytest
from pydantic import HttpUrl

from chassis.testing import running_service

pytestmark = pytest.mark.anyio


async def test_readiness_does_not_depend_on_the_upstream(start):
    async with start(shoutcloud_url=HttpUrl("http://127.0.0.1:1/")) as client:
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/livez")).text == "ok"


async def test_routes_are_in_the_openapi_document(client):
    document = (await client.get("/openapi.json")).json()
    shout = document["paths"]["/v1"]["post"]
    assert set(shout["requestBody"]["content"]) == {"application/json", "text/plain"}
    assert "Shout-Source" in shout["responses"]["200"]["headers"]
    assert "post" in document["paths"]["/v1/batch"]


async def test_cache_hits_are_counted(client):
    for _ in range(3):
        await client.post("/v1", json={"data": "abc"})
    metrics = (await client.get("/metrics")).text
    assert 'shout_cache_lookups_total{result="hit"} 2.0' in metrics
    assert 'shout_cache_lookups_total{result="miss"} 1.0' in metrics
    assert 'dependency_request_duration_seconds_count{dependency="shoutcloud"' in metrics


@pytest.mark.parametrize("url", ["not a url", "file:///etc/passwd"])
def test_wrong_url_ends_the_start_with_one_line(tmp_path, url):
    with (
        pytest.raises(RuntimeError, match="SHOUTCLOUD_URL: "),
        running_service("shout_service", tmp_path, {"SHOUTCLOUD_URL": url}),
    ):
        pytest.fail("it started")
