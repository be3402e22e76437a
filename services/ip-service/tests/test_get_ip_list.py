import asyncio
import json
import re
import secrets
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
import redis
import yaml

from ip_service.listing import CHUNK, FIRST_CHUNK
from ip_service.store import Store

pytestmark = pytest.mark.anyio

ME = "203.0.113.7"
XML = ["application/xml", "text/xml"]
YAML = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"]


def next_path(link: str) -> str:
    return re.fullmatch(r'<(.*)>; rel="next"', link)[1]


async def test_last_caller_is_first(client):
    for address in ("203.0.113.1", "2001:db8::1", "203.0.113.2", "203.0.113.1"):
        await client.get("/get-ip", address)
    assert await client.addresses(address="203.0.113.3") == [
        "203.0.113.3",
        "203.0.113.1",
        "203.0.113.2",
        "2001:db8::1",
    ]


async def test_every_address_once_however_often_it_calls(client):
    addresses = {f"2001:db8:{secrets.randbelow(65535) + 1:x}::1" for _ in range(5)}
    for _ in range(3):
        await asyncio.gather(*(client.get("/get-ip", address) for address in addresses))
    listed = await client.addresses(address=ME)
    assert len(listed) == 6
    assert set(listed) == {*addresses, ME}


async def test_representations_parse_back(client, texts_of):
    await client.get("/get-ip", "1::")
    expected = [ME, "1::"]
    answer = await client.get("/get-ip-list", accept="application/json")
    assert json.loads(answer.content) == {"ip_addresses": expected}
    for media_type in YAML:
        answer = await client.get("/get-ip-list", accept=media_type)
        assert yaml.safe_load(answer.content) == {"ip_addresses": expected}
    for media_type in XML:
        answer = await client.get("/get-ip-list", accept=media_type)
        root = ElementTree.fromstring(answer.content)  # noqa: S314 our own answer
        assert (root.tag, [(item.tag, item.text) for item in root]) == (
            "list",
            [("String", address) for address in expected],
        )
    answer = await client.get("/get-ip-list", accept="text/html")
    assert texts_of("code", answer.text) == expected
    assert answer.text.count("<ul>") == answer.text.count("</ul>") == 1


@pytest.mark.parametrize(
    "count", [0, FIRST_CHUNK - 1, FIRST_CHUNK, FIRST_CHUNK + CHUNK - 1, FIRST_CHUNK + CHUNK + 1]
)
async def test_whole_list_is_complete_across_chunks(client, fill, count: int):
    callers = await fill(count)
    assert await client.addresses(address=ME) == [ME, *callers]


@pytest.mark.parametrize("media_type", ["application/json", "text/html", *XML, *YAML])
async def test_long_list_in_every_format(client, fill, media_type: str):
    callers = await fill(FIRST_CHUNK + CHUNK + 10)
    answer = await client.get("/get-ip-list", accept=media_type)
    assert re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", answer.text) == [ME, *callers]


async def test_caller_that_moves_while_the_list_is_read_is_named_once(store: Store, fill):
    callers = await fill(FIRST_CHUNK + 3 * CHUNK)
    _, first = await store.record_and_list(ME, cursor=None, size=FIRST_CHUNK, bookmark="reading")
    named, page = list(first.addresses), first
    while page.cursor != "0":
        await asyncio.gather(
            *(store.record(caller) for caller in callers[::97]), store.record("198.51.100.1")
        )
        page = await store.continue_list(page.cursor, size=CHUNK, bookmark="reading")
        named += page.addresses
    while skipped := await store.take_skipped("reading", CHUNK):
        named += skipped
    assert sorted(named) == sorted([ME, *callers])


async def test_read_list_leaves_nothing_behind(client, fill, valkey: redis.Redis):
    await fill(FIRST_CHUNK + 1)
    await client.addresses()
    assert valkey.keys("*bookmarks*") == []


async def test_head_has_the_headers_of_get_and_reads_no_list(client, valkey: redis.Redis):
    answer = await client.get("/get-ip-list", method="HEAD", accept="text/xml")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"
    assert valkey.zcard("{ip}:seen") == 1


@pytest.mark.parametrize("media_type", ["text/plain", "application/json", "text/html", *XML, *YAML])
async def test_parts_follow_the_link_to_the_end(client, fill, media_type: str):
    callers = await fill(25)
    await client.get("/get-ip", ME)
    path, found = "/get-ip-list?limit=10", []
    for size in (10, 10, 6):
        answer = await client.get(path, ME, accept=media_type)
        addresses = re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", answer.text)
        assert len(addresses) == size
        found += addresses
        if size == 10:
            path = next_path(answer.headers["link"])
    assert "link" not in answer.headers
    assert found == [ME, *callers]


@pytest.mark.parametrize("count", [10, 2 * CHUNK, 2 * CHUNK + 1])
async def test_part_that_ends_with_the_list_has_no_link(client, fill, count: int):
    callers = await fill(count - 1)
    answer = await client.get(f"/get-ip-list?limit={count}", ME)
    assert answer.text.split() == [ME, *callers]
    assert "link" not in answer.headers
    assert "link" in (await client.get(f"/get-ip-list?limit={count - 1}", ME)).headers


async def test_link_carries_the_public_prefix_and_the_query(client, fill):
    await fill(3)
    answer = await client.get("/get-ip-list?limit=2&for=a%20b%26c", x_forwarded_prefix="/ip")
    url = urlsplit(next_path(answer.headers["link"]))
    assert url.path == "/ip/get-ip-list"
    query = parse_qs(url.query)
    assert (query["for"], query["limit"]) == (["a b&c"], ["2"])


async def test_cursor_alone_pages_by_a_thousand(client, fill):
    callers = await fill(1500)
    start = next_path((await client.get("/get-ip-list?limit=1")).headers["link"])
    cursor = parse_qs(urlsplit(start).query)["cursor"][0]
    assert await client.addresses(f"/get-ip-list?cursor={cursor}") == callers[:1000]


async def test_part_past_the_end_is_an_empty_list_in_every_format(client):
    path = "/get-ip-list?cursor=1"
    assert (await client.get(path)).text == ""
    assert (await client.get(path, accept="application/json")).json() == {"ip_addresses": []}
    assert yaml.safe_load((await client.get(path, accept="text/yaml")).text) == {"ip_addresses": []}
    root = ElementTree.fromstring((await client.get(path, accept="text/xml")).content)  # noqa: S314
    assert list(root) == []
    assert "<li>" not in (await client.get(path, accept="text/html")).text


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=10001",
        "limit=-1",
        "limit=",
        "limit=ten",
        "limit=1.5",
        "limit=٣",
        "cursor=",
        "cursor=x",
        "cursor=-1",
    ],
)
async def test_bad_value_is_422_and_records_nobody(client, valkey: redis.Redis, query: str):
    answer = await client.get(f"/get-ip-list?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.json()["errors"][0]["detail"]
    assert not valkey.exists("{ip}:seen")
