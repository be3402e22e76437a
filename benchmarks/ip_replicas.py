"""ip in four processes on one store: 100,000 calls, every one counted once."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import time
from collections import Counter
from pathlib import Path

import redis

from benchmarks.athlete import service
from chassis.testing import valkey_server

REPLICAS, CONNECTIONS, CALLS, ADDRESSES = 4, 8, 100_000, 1000


def run() -> None:
    """Call, count, and print."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        valkey = stack.enter_context(valkey_server(Path(folder)))
        env = {"REDIS_URL": valkey.url, "RATE_LIMIT": "off", "LOG_LEVEL": "error"}
        urls = [
            stack.enter_context(service(f"ip {number}", "ip_service", env)).url for number in range(REPLICAS)
        ]
        started = time.perf_counter()
        answered = asyncio.run(_call_all(urls))
        seconds = time.perf_counter() - started
        with redis.Redis.from_url(valkey.url, decode_responses=True) as admin:
            stored = {
                address: int(details.split()[1])
                for address, details in admin.hgetall("{ip}:addresses").items()
            }
            order = admin.zrange("{ip}:seen", 0, -1, withscores=True)
    assert stored == answered, "counts differ"
    assert len({score for _, score in order}) == len(order) == ADDRESSES, "a place in the list is not its own"
    print(f"\nip: {CALLS:,} calls to {REPLICAS} processes in {seconds:.0f} s: every count exact")


async def _call_all(urls: list[str]) -> Counter[str]:
    answered = Counter[str]()
    numbers = iter(range(CALLS))

    async def work(url: str) -> None:
        host, port = url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        for number in numbers:
            address = f"2001:db8::{number % ADDRESSES:x}:1"
            writer.write(f"GET /get-ip HTTP/1.1\r\nHost: ip\r\nX-Forwarded-For: {address}\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readline()
            assert head.startswith(b"HTTP/1.1 200"), head
            answered[body.decode().strip()] += 1
        writer.close()

    async with asyncio.timeout(600), asyncio.TaskGroup() as group:
        for url in urls:
            for _ in range(CONNECTIONS):
                group.create_task(work(url))
    return answered
