"""Several processes on one store: no call is lost, no address appears twice."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
import redis

from chassis.testing import Valkey, running_service

pytestmark = pytest.mark.anyio

REPLICAS = 4
CALLS = 300
LIMIT = 100


@pytest.fixture
def replicas(
    shared_valkey: Valkey, valkey: redis.Redis, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[str]]:
    env = {"REDIS_URL": shared_valkey.url, "RATE_LIMIT": f"{LIMIT}/hour", "LOG_LEVEL": "error"}
    with ExitStack() as stack:
        yield [
            stack.enter_context(running_service("ip_service", tmp_path_factory.mktemp("replica"), env)).url
            for _ in range(REPLICAS)
        ]


async def call(url: str, addresses: list[str]) -> Counter[int]:
    """Call from each address in turn, eight calls at a time; returns how often each status came."""
    numbers, statuses = iter(range(CALLS)), Counter[int]()

    async def work(http: httpx.AsyncClient) -> None:
        for number in numbers:
            caller = addresses[number % len(addresses)]
            answer = await http.get("/get-ip", headers={"X-Forwarded-For": caller})
            statuses[answer.status_code] += 1

    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        await asyncio.gather(*(work(http) for _ in range(8)))
    return statuses


async def call_all(urls: list[str], addresses: list[str]) -> Counter[int]:
    return sum(await asyncio.gather(*(call(url, addresses) for url in urls)), Counter())


async def test_replicas_count_exactly_and_share_one_limit(replicas: list[str], valkey: redis.Redis):
    unlimited = [f"203.0.113.{number}" for number in range(20)]
    assert await call_all(replicas, unlimited) == {200: REPLICAS * CALLS}
    limited = [f"198.51.100.{number}" for number in range(4)]
    allowed = LIMIT * len(limited)
    assert await call_all(replicas, limited) == {200: allowed, 429: REPLICAS * CALLS - allowed}

    async with httpx.AsyncClient(base_url=replicas[0]) as http:
        items = (await http.get("/v1/ips")).json()["items"]
        days = (await http.get("/v1/ips/stats")).json()["daily"]
    each = REPLICAS * CALLS // len(unlimited)
    assert {item["ip"]: item["requests"] for item in items} == {
        **dict.fromkeys(unlimited, each),
        **dict.fromkeys(limited, LIMIT),
    }
    assert sum(day["requests"] for day in days[:2]) == REPLICAS * CALLS + allowed
    scores = [score for _, score in valkey.zrange("{ip}:seen", 0, -1, withscores=True)]
    assert len(set(scores)) == len(scores)
