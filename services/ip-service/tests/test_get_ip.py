import json
from xml.etree import ElementTree

import pytest
import redis
import yaml

from chassis.fastapi import App
from chassis.testing import SpanRecorder, run_app

pytestmark = pytest.mark.anyio

MARKUP = "<script>alert(1)</script>"
XML = ["application/xml", "text/xml"]
YAML = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"]


async def test_caller_gets_its_address_as_text(client):
    answer = await client.get("/get-ip")
    assert (answer.status_code, answer.text) == (200, "203.0.113.7\n")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["cache-control"] == "no-store"


async def test_json(client):
    answer = await client.get("/get-ip", accept="application/json")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert json.loads(answer.content) == {"client_ip": "203.0.113.7"}


@pytest.mark.parametrize("media_type", XML)
async def test_xml(client, media_type: str):
    answer = await client.get("/get-ip", accept=media_type)
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
    root = ElementTree.fromstring(answer.content)  # noqa: S314 our own answer
    assert (root.tag, root.text) == ("client_ip", "203.0.113.7")


@pytest.mark.parametrize("media_type", YAML)
@pytest.mark.parametrize(
    "address", ["203.0.113.7", "2001:db8::1", "1::", "1:2:3:4:5:6:7:8", "10:20:30:40:50:1:2:3"]
)
async def test_yaml_address_parses_back_as_a_string(client, media_type: str, address: str):
    answer = await client.get("/get-ip", address, accept=media_type)
    assert answer.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert yaml.safe_load(answer.content) == {"client_ip": address}


async def test_browser_gets_a_page(client, texts_of):
    answer = await client.get("/get-ip", accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "style-src 'sha256-" in answer.headers["content-security-policy"]
    assert texts_of("code", answer.text) == ["203.0.113.7"]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("*/*", "text/plain"),
        ("", "text/plain"),
        ("image/png", "text/plain"),
        ("text/plain;q=0, */*;q=0", "text/plain"),
        ("application/*", "application/json"),
        ("application/xml;q=0.9, application/json;q=0.8", "application/xml"),
        ("text/html;q=0.5, application/json;q=0.5", "application/json"),
        ("text/*;q=0.5, text/xml", "text/xml"),
        ("text/html;level=1", "text/plain"),
        ("APPLICATION/JSON; charset=iso-8859-1", "application/json"),
        ("text/plain;q=0, text/*", "text/html"),
        ("nonsense", "text/plain"),
    ],
)
async def test_accept_is_negotiated_by_rfc_9110(client, accept: str, chosen: str):
    answer = await client.get("/get-ip", accept=accept)
    assert answer.headers["content-type"] == f"{chosen}; charset=utf-8"


async def test_accept_lines_are_one_list(client):
    headers = [("Accept", "text/html;q=0.1"), ("Accept", "application/json")]
    answer = await client.http.get("/get-ip", headers=headers)
    assert answer.headers["content-type"].startswith("application/json")


async def test_accept_is_never_echoed(client):
    answer = await client.get("/get-ip", accept="text/evil; x=1")
    assert "evil" not in str(answer.headers) + answer.text


async def test_forwarded_chain_is_not_stored_whole(client):
    answer = await client.get("/get-ip", "198.51.100.1, 203.0.113.9, 127.0.0.1")
    assert answer.text == "203.0.113.9\n"
    assert await client.addresses(address="203.0.113.9") == ["203.0.113.9"]


async def test_markup_in_a_header_is_neither_stored_nor_shown(client):
    answer = await client.get("/get-ip", MARKUP, accept="text/html")
    assert MARKUP not in answer.text
    assert await client.addresses(address=MARKUP) == ["127.0.0.1"]


async def test_forged_header_of_an_untrusted_peer_is_ignored(app: App, valkey: redis.Redis):
    async with run_app(app, client=("198.51.100.9", 4711)) as http:
        answer = await http.get("/get-ip", headers={"X-Forwarded-For": "203.0.113.7"})
    assert answer.text == "198.51.100.9\n"


async def test_mapped_address_is_the_ipv4_one(client):
    assert (await client.get("/get-ip", "::ffff:203.0.113.7")).text == "203.0.113.7\n"


async def test_caller_without_an_address_is_400(app: App, valkey: redis.Redis):
    async with run_app(app, client=("no-address", 0)) as http:
        answer = await http.get("/get-ip")
    assert answer.status_code == 400
    assert valkey.keys() == []


async def test_head_is_recorded_like_get(client):
    answer = await client.get("/get-ip", "203.0.113.8", method="HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len("203.0.113.8\n"))
    assert "203.0.113.8" in await client.addresses()


async def test_health_check_says_ok_and_records_nobody(client, valkey: redis.Redis):
    answer = await client.get("/health-check")
    assert (answer.status_code, answer.text) == (200, "OK")
    assert answer.headers["content-type"].startswith("text/plain")
    assert valkey.keys() == []


async def test_wrong_method_is_405(client):
    answer = await client.get("/get-ip", method="POST")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


async def test_record_is_one_child_span(app: App, client):
    recorder = SpanRecorder(app.chassis)
    await client.get("/get-ip")
    server, call = recorder.named("GET /get-ip"), recorder.named("record redis")
    assert call.parent.span_id == server.context.span_id
    assert "203.0.113.7" not in str(call.attributes)


async def test_metrics_count_the_calls_to_redis(client):
    await client.get("/get-ip")
    exposed = (await client.get("/metrics")).text
    wanted = (
        'dependency_request_duration_seconds_count{dependency="redis",operation="record",outcome="ok"} 1.0'
    )
    assert wanted in exposed


async def test_openapi_names_every_media_type(client):
    document = (await client.get("/openapi.json")).json()
    for path in ("/get-ip", "/get-ip-list"):
        assert set(document["paths"][path]["get"]["responses"]["200"]["content"]) == {
            "text/plain",
            "application/json",
            "text/html",
            *XML,
            *YAML,
        }


async def test_openapi_names_the_limit_everywhere(client):
    document = (await client.get("/openapi.json")).json()
    for path in document["paths"].values():
        responses = path["get"]["responses"]
        assert {"RateLimit", "RateLimit-Policy"} <= responses["200"]["headers"].keys()
        assert {"429", "503"} <= responses.keys()
    assert "200" not in document["paths"]["/v1/ips/{ip}"]["delete"]["responses"]
