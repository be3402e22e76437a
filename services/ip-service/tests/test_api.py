import datetime as dt
import secrets

import pytest
import redis

from ip_service.service import SCAN_SIZE, SCANS
from ip_service.store import Store

pytestmark = pytest.mark.anyio

ADMIN = {"authorization": "Bearer let me"}
ME = "203.0.113.7"


async def items(client, query: str = "") -> list[str]:
    return [item["ip"] for item in (await client.get(f"/v1/ips{query}")).json()["items"]]


async def test_item_tells_first_and_last_call_and_their_number(client):
    before = dt.datetime.now(dt.UTC)
    await client.get("/get-ip", "2001:db8::1")
    between = dt.datetime.now(dt.UTC)
    await client.get("/get-ip-list", "2001:db8::1")
    item = (await client.get("/v1/ips/2001:db8::1")).json()
    first, last = (dt.datetime.fromisoformat(item.pop(name)) for name in ("first_seen", "last_seen"))
    assert item == {"ip": "2001:db8::1", "version": 6, "requests": 2}
    assert before <= first <= between <= last


async def test_api_records_nobody(client, valkey: redis.Redis):
    for path in ("", "/me", "/stats", f"/{ME}"):
        await client.get(f"/v1/ips{path}")
    assert not valkey.exists("{ip}:seen")


async def test_pages_lead_from_the_last_caller_to_the_first(client, fill):
    callers = await fill(250)
    found, query = [], ""
    while query is not None:
        page = (await client.get(f"/v1/ips{query}")).json()
        found += [item["ip"] for item in page["items"]]
        query = page["next"] and f"?cursor={page['next']}"
    assert found == callers
    assert len(await items(client)) == 100
    assert len(await items(client, "?limit=1000")) == 250


async def test_page_that_ends_with_the_list_has_no_next(client, fill):
    await fill(10)
    assert (await client.get("/v1/ips?limit=10")).json()["next"] is None
    assert (await client.get("/v1/ips?limit=9")).json()["next"] is not None


async def test_no_addresses_are_an_empty_page(client):
    assert (await client.get("/v1/ips")).json() == {"items": [], "next": None}


async def test_filters(client):
    for address in ("203.0.113.1", "203.0.113.200", "198.51.100.1", "2001:db8::1", "2001:db8:1::1"):
        await client.get("/get-ip", address)
    assert await items(client, "?version=6") == ["2001:db8:1::1", "2001:db8::1"]
    assert await items(client, "?cidr=203.0.113.0/25") == ["203.0.113.1"]
    assert await items(client, "?cidr=2001:db8::/48&version=6") == ["2001:db8::1"]
    assert await items(client, "?cidr=2001:db8::/48&version=4") == []


async def test_since_is_about_the_last_call(client, store: Store):
    for address in ("203.0.113.1", "203.0.113.2"):
        await client.get("/get-ip", address)
    await client.get("/get-ip", "203.0.113.1")
    last = (await client.get("/v1/ips/203.0.113.1")).json()["last_seen"]
    assert await items(client, f"?since={last}") == ["203.0.113.1"]
    moved = dt.datetime.fromisoformat(last).astimezone(dt.timezone(dt.timedelta(hours=2))).isoformat()
    assert await items(client, f"?since={moved.replace('+', '%2B')}") == ["203.0.113.1"]
    assert len(await items(client, "?since=1969-01-01T00:00:00Z")) == 2


async def test_rare_match_is_found_over_several_pages(client, fill, store: Store):
    await store.record("2001:db8::1")
    await fill(SCAN_SIZE * SCANS + 10)
    page = (await client.get("/v1/ips?version=6")).json()
    assert page["items"] == []
    page = (await client.get(f"/v1/ips?version=6&cursor={page['next']}")).json()
    assert [item["ip"] for item in page["items"]] == ["2001:db8::1"]
    assert page["next"] is None


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=1001",
        "limit=x",
        "cursor=x",
        "cursor=",
        "cidr=203.0.113.0/33",
        "cidr=x",
        "version=5",
        "since=yesterday",
        "since=1752300000",
        "since=2026-01-01",
        "since=2026-01-01T00:00:00",
        "since=2026-13-01T00:00:00Z",
    ],
)
async def test_bad_query_is_422(client, query: str):
    answer = await client.get(f"/v1/ips?{query}")
    assert answer.status_code == 422
    assert query.partition("=")[0] in answer.json()["errors"][0]["detail"]


async def test_me_is_the_caller(client):
    await client.get("/get-ip", "203.0.113.9")
    assert (await client.get("/v1/ips/me", "203.0.113.9")).json()["requests"] == 1


async def test_me_before_the_first_call_has_nothing(client):
    answer = await client.get("/v1/ips/me", "203.0.113.9")
    assert answer.status_code == 200
    assert answer.json() == {
        "ip": "203.0.113.9",
        "version": 4,
        "first_seen": None,
        "last_seen": None,
        "requests": 0,
    }


async def test_unknown_address_is_404(client):
    assert (await client.get("/v1/ips/203.0.113.99")).status_code == 404


async def test_no_address_is_422(client):
    assert (await client.get("/v1/ips/nonsense")).status_code == 422


@pytest.mark.parametrize("spelling", ["2001:DB8:0:0::1", "2001:0db8::0001"])
async def test_address_may_be_spelled_in_any_way(client, spelling: str):
    await client.get("/get-ip", "2001:db8::1")
    assert (await client.get(f"/v1/ips/{spelling}")).json()["ip"] == "2001:db8::1"


async def test_stats_count_addresses_and_days(client):
    for address in (ME, ME, "2001:db8::1"):
        await client.get("/get-ip", address)
    stats = (await client.get("/v1/ips/stats")).json()
    assert {name: stats[name] for name in ("unique", "ipv4", "ipv6")} == {"unique": 2, "ipv4": 1, "ipv6": 1}
    days = stats["daily"]
    assert len(days) == 30
    assert sum(day["requests"] for day in days[:2]) == 3
    assert sum(day["unique"] for day in days[:2]) == 2
    dates = [dt.date.fromisoformat(day["date"]) for day in days]
    assert dates == [dates[0] - dt.timedelta(days=number) for number in range(30)]


async def test_caller_of_yesterday_is_unique_again_today(client, valkey: redis.Redis):
    await client.get("/get-ip")
    today = valkey.zscore("{ip}:seen", ME) // 86_400_000_000
    valkey.zadd("{ip}:seen", {ME: (today - 1) * 86_400_000_000})
    await client.get("/get-ip")
    assert valkey.hget("{ip}:counts", f"{today:.0f}:unique") == "2"


async def test_days_older_than_thirty_are_forgotten(client, valkey: redis.Redis):
    await client.get("/get-ip")
    today = int(valkey.zscore("{ip}:seen", ME) // 86_400_000_000)
    valkey.delete("{ip}:counts")
    valkey.hset("{ip}:counts", mapping={f"{today - 30}:requests": 5, f"{today - 29}:requests": 4, "ipv6": 7})
    await client.get("/get-ip")
    counts = valkey.hgetall("{ip}:counts")
    assert counts == {f"{today - 29}:requests": "4", "ipv6": "7", f"{today}:requests": "1"}


async def test_erased_address_is_gone_from_everywhere(client, valkey: redis.Redis):
    address = f"2001:db8:{secrets.randbelow(65535) + 1:x}::1"
    await client.get("/get-ip", address)
    await client.get("/get-ip", ME)
    answer = await client.get(f"/v1/ips/{address}", method="DELETE", **ADMIN)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await client.get(f"/v1/ips/{address}")).status_code == 404
    assert (await client.get("/v1/ips/stats")).json()["ipv6"] == 0
    assert valkey.zrange("{ip}:seen", 0, -1) == [ME]
    assert valkey.hkeys("{ip}:addresses") == [ME]
    assert [event[1] for event in valkey.xrange("{ip}:events")] == [{"ip": ME}]


async def test_erasing_an_unknown_address_is_404(client):
    assert (await client.get("/v1/ips/203.0.113.99", method="DELETE", **ADMIN)).status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Basic bGV0IG1l"}, 401),
        ({"authorization": "Bearer wrong"}, 403),
        ({"authorization": "Bearer lét mé"}, 403),
    ],
)
async def test_erasure_takes_the_admin_token(client, headers: dict[str, str], status: int):
    await client.get("/get-ip")
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = await client.http.delete(f"/v1/ips/{ME}", headers=encoded)
    assert answer.status_code == status
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert (await client.get(f"/v1/ips/{ME}")).status_code == 200


@pytest.mark.parametrize("name", ["me", "stats", "events"])
async def test_what_can_only_be_read_is_not_erased(client, name):
    answer = await client.get(f"/v1/ips/{name}", method="DELETE", **ADMIN)

    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize(
    ("limit", "is_last"), [(SCAN_SIZE - 1, False), (SCAN_SIZE, False), (2 * SCAN_SIZE, True), (1000, True)]
)
async def test_large_page_is_read_in_pieces(client, fill, limit: int, is_last: bool):
    callers = await fill(2 * SCAN_SIZE)
    page = (await client.get(f"/v1/ips?limit={limit}")).json()

    assert [item["ip"] for item in page["items"]] == callers[:limit]
    assert (page["next"] is None) == is_last
