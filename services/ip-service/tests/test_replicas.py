"""Several processes on one store: no call is lost, no address appears twice."""

import asyncio
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import redis

from chassis.testing import Valkey, running_service

pytestmark = pytest.mark.anyio

REPLICAS = 3
CALLS = 300
ADDRESSES = [f"203.0.113.{number}" for number in range(20)]


async def call(url: str) -> list[int]:
    """Call from each address in turn, eight calls at a time; returns the status codes."""
    numbers, statuses = iter(range(CALLS)), []

    async def work(http: httpx.AsyncClient) -> None:
        for number in numbers:
            caller = ADDRESSES[number % len(ADDRESSES)]
            answer = await http.get("/get-ip", headers={"X-Forwarded-For": caller})
            statuses.append(answer.status_code)

    async with httpx.AsyncClient(base_url=url, timeout=30) as http:
        await asyncio.gather(*(work(http) for _ in range(8)))
    return statuses


async def test_counts_are_exact(own_valkey: Valkey, tmp_path: Path):
    with ExitStack() as stack:
        urls = [replica(stack, tmp_path / str(number), own_valkey, "off") for number in range(REPLICAS)]
        answers = await asyncio.gather(*(call(url) for url in urls))
        assert {status for some in answers for status in some} == {200}
        async with httpx.AsyncClient(base_url=urls[0]) as http:
            items = (await http.get("/v1/ips")).json()["items"]
            today = (await http.get("/v1/ips/stats")).json()["daily"]
    expected = REPLICAS * CALLS // len(ADDRESSES)
    assert {item["ip"]: item["requests"] for item in items} == dict.fromkeys(ADDRESSES, expected)
    assert sum(day["requests"] for day in today[:2]) == REPLICAS * CALLS
    with redis.Redis.from_url(own_valkey.url) as admin:
        scores = [score for _, score in admin.zrange("{ip}:seen", 0, -1, withscores=True)]
    assert len(set(scores)) == len(scores)


async def test_limit_is_one_for_all(own_valkey: Valkey, tmp_path: Path):
    with ExitStack() as stack:
        urls = [replica(stack, tmp_path / str(number), own_valkey, "7/hour") for number in range(REPLICAS)]
        answers = await asyncio.gather(*(call(url) for url in urls))
    statuses = [status for some in answers for status in some]
    assert statuses.count(200) == 7 * len(ADDRESSES)
    assert statuses.count(429) == REPLICAS * CALLS - 7 * len(ADDRESSES)


def replica(stack: ExitStack, folder: Path, valkey: Valkey, limit: str) -> str:
    folder.mkdir()
    env = {"REDIS_URL": valkey.url, "RATE_LIMIT": limit, "LOG_LEVEL": "error"}
    return stack.enter_context(running_service("ip_service", folder, env)).url
