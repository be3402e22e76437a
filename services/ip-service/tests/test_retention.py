import asyncio
import time

import pytest
import redis

from chassis.testing import run_app
from ip_service.app import create_app
from ip_service.retention import BATCH, SECONDS_A_DAY, sweep
from ip_service.settings import Settings
from ip_service.store import Store

pytestmark = pytest.mark.anyio

DAY = SECONDS_A_DAY * 1_000_000


def age(valkey: redis.Redis, address: str, days: float) -> None:
    """Let the last call of an address have been some days ago."""
    valkey.zadd("{ip}:seen", {address: time.time_ns() // 1000 - int(days * DAY)})


async def test_address_not_seen_for_too_long_is_removed(client, store: Store, valkey: redis.Redis):
    for address, days in {"2001:db8::1": 8, "203.0.113.1": 8, "203.0.113.2": 6}.items():
        await store.record(address)
        age(valkey, address, days)
    assert await sweep(store, 7 * SECONDS_A_DAY) == 2
    assert valkey.zrange("{ip}:seen", 0, -1) == valkey.hkeys("{ip}:addresses") == ["203.0.113.2"]
    stats = (await client.get("/v1/ips/stats")).json()
    assert (stats["unique"], stats["ipv4"], stats["ipv6"]) == (1, 1, 0)


async def test_more_than_a_batch_is_removed(store: Store, fill, valkey: redis.Redis):
    for address in await fill(2 * BATCH + 1):
        age(valkey, address, 8)
    assert await sweep(store, 7 * SECONDS_A_DAY) == 2 * BATCH + 1
    assert valkey.zcard("{ip}:seen") == 0


async def test_address_that_comes_back_is_new(client, store: Store, valkey: redis.Redis):
    await client.get("/get-ip")
    age(valkey, "203.0.113.7", 8)
    await sweep(store, 7 * SECONDS_A_DAY)
    await client.get("/get-ip")
    assert (await client.get("/v1/ips/me")).json()["requests"] == 1


async def test_service_removes_by_itself(settings: Settings, store: Store, valkey: redis.Redis):
    await store.record("203.0.113.1")
    age(valkey, "203.0.113.1", 8)
    async with run_app(create_app(settings.model_copy(update={"retention_days": 7}))) as http:
        async with asyncio.timeout(5):
            while (await http.get("/v1/ips/203.0.113.1")).status_code == 200:
                pass


async def test_without_retention_all_are_kept(settings: Settings, store: Store, valkey: redis.Redis):
    await store.record("203.0.113.1")
    age(valkey, "203.0.113.1", 36500)
    async with run_app(create_app(settings)) as http:
        assert (await http.get("/v1/ips/203.0.113.1")).status_code == 200
