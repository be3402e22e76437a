import asyncio
import socket
import statistics
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Self

import httpx
import pytest
import redis

from chassis import RateLimit
from chassis.testing import Valkey, run_app, running_service
from ip_service.app import create_app
from ip_service.settings import Settings

pytestmark = pytest.mark.anyio

QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"


async def test_twenty_a_minute_is_the_default(settings: Settings):
    assert Settings(serve_port=0).rate_limit == RateLimit(20, 60)


async def test_request_past_the_limit_is_429(limited, valkey: redis.Redis):
    for left in (2, 1, 0):
        answer = await limited.get("/get-ip")
        assert answer.status_code == 200
        assert answer.headers["ratelimit-policy"] == '"default";q=3;w=3600'
        assert answer.headers["ratelimit"] == f'"default";r={left};t=3600'
    answer = await limited.get("/get-ip")
    assert answer.status_code == 429
    assert answer.json()["type"] == QUOTA_EXCEEDED
    assert answer.headers["ratelimit"] == '"default";r=0;t=3600'
    assert answer.headers["retry-after"] == "3600"


async def test_refused_request_is_not_recorded(limited, valkey: redis.Redis):
    for _ in range(5):
        await limited.get("/get-ip")
    assert valkey.hget("{ip}:addresses", "203.0.113.7").split()[1] == "3"
    await limited.get("/get-ip-list", "203.0.113.8")
    assert valkey.zrange("{ip}:seen", 0, -1) == ["203.0.113.7", "203.0.113.8"]


async def test_refused_list_reads_nothing(limited, valkey: redis.Redis):
    answers = [await limited.get("/get-ip-list") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert valkey.keys("*bookmarks*") == []


async def test_clients_count_apart_behind_one_proxy(limited):
    for _ in range(4):
        await limited.get("/get-ip", "203.0.113.1")
    assert (await limited.get("/get-ip", "203.0.113.2")).status_code == 200


async def test_ipv6_clients_count_by_their_network(limited):
    for number in range(3):
        await limited.get("/get-ip", f"2001:db8::{number + 1}")
    assert (await limited.get("/get-ip", "2001:db8::ffff")).status_code == 429
    assert (await limited.get("/get-ip", "2001:db8:0:1::1")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/get-ip",
        "/get-ip-list",
        "/get-ip-list?limit=0",
        "/v1/ips",
        "/v1/ips?limit=0",
        "/v1/ips/me",
        "/v1/ips/stats",
        "/v1/ips/203.0.113.1",
        "/v1/ips/nonsense",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_every_endpoint_counts_whatever_it_answers(limited, path: str, method: str):
    for left in (2, 1, 0):
        answer = await limited.get(path, method=method)
        assert answer.status_code != 429
        assert answer.headers["ratelimit"] == f'"default";r={left};t=3600'
    assert (await limited.get(path, method=method)).status_code == 429


async def test_refused_erasure_counts(limited):
    for _ in range(3):
        answer = await limited.get("/v1/ips/203.0.113.1", method="DELETE")
        assert answer.status_code == 401
        assert "ratelimit" in answer.headers
    assert (await limited.get("/v1/ips/203.0.113.1", method="DELETE")).status_code == 429


async def test_endpoints_share_one_limit(limited):
    for path in ("/get-ip", "/get-ip-list", "/v1/ips"):
        await limited.get(path)
    assert (await limited.get("/v1/ips/me")).status_code == 429


async def test_probes_and_docs_are_never_limited(limited):
    for path in ("/health-check", "/livez", "/readyz", "/metrics", "/openapi.json", "/docs"):
        for _ in range(4):
            answer = await limited.get(path)
            assert answer.status_code == 200
            assert "ratelimit" not in answer.headers


async def test_limit_off_announces_nothing(client):
    answer = await client.get("/get-ip")
    assert "ratelimit" not in answer.headers
    assert "ratelimit-policy" not in answer.headers


async def test_window_ends(settings: Settings, valkey: redis.Redis):
    app = create_app(settings.model_copy(update={"rate_limit": RateLimit(1, 3600)}))
    async with run_app(app) as http:
        await http.get("/get-ip")
        assert (await http.get("/get-ip")).status_code == 429
        assert 3590_000 < valkey.pttl("{ip}:limit:127.0.0.1") <= 3600_000
        valkey.pexpire("{ip}:limit:127.0.0.1", 0)
        assert (await http.get("/get-ip")).status_code == 200


async def test_limit_is_exact_under_concurrency(settings: Settings, valkey: redis.Redis):
    limited = settings.model_copy(update={"rate_limit": RateLimit(50, 3600)})
    async with run_app(create_app(limited)) as one, run_app(create_app(limited)) as other:
        statuses = []
        for _ in range(10):
            answers = await asyncio.gather(*(http.get("/get-ip") for http in (one, other) for _ in range(10)))
            statuses += [answer.status_code for answer in answers]
    assert (statuses.count(200), statuses.count(429)) == (50, 150)
    assert valkey.hget("{ip}:addresses", "127.0.0.1").split()[1] == "50"


class Burst(threading.Thread):
    """One client that sends as fast as it can, over some connections and fifty requests at a time."""

    def __init__(self, url: str, connections: int = 8) -> None:
        super().__init__()
        address = ("127.0.0.1", int(url.rpartition(":")[2]))
        self._connections = [socket.create_connection(address, timeout=30) for _ in range(connections)]
        self._over = threading.Event()
        self.statuses: Counter[bytes] = Counter()

    def run(self) -> None:
        request = b"GET /get-ip HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.66\r\n\r\n"
        while not self._over.is_set():
            for connection in self._connections:
                connection.sendall(request * 50)
            for connection in self._connections:
                self._read(connection, 50)

    def _read(self, connection: socket.socket, count: int) -> None:
        with connection.makefile("rb") as answers:
            for _ in range(count):
                self.statuses[answers.readline().split()[1]] += 1
                size = 0
                while (line := answers.readline()) != b"\r\n":
                    if line.lower().startswith(b"content-length:"):
                        size = int(line[15:])
                answers.read(size)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self.join()
        for connection in self._connections:
            connection.close()


async def test_burst_of_one_client_neither_limits_nor_slows_the_others(own_valkey: Valkey, tmp_path: Path):
    env = {"REDIS_URL": own_valkey.url, "RATE_LIMIT": "20/hour", "LOG_LEVEL": "error"}
    seconds = []
    with running_service("ip_service", tmp_path, env) as service, Burst(service.url) as burst:
        async with httpx.AsyncClient(base_url=service.url, trust_env=False, timeout=10) as http:
            for number in range(200):
                started = time.perf_counter()
                answer = await http.get("/get-ip", headers={"X-Forwarded-For": f"198.51.100.{number}"})
                seconds.append(time.perf_counter() - started)
                assert (answer.status_code, answer.headers["ratelimit"][:14]) == (200, '"default";r=19')

    assert (burst.statuses[b"200"], set(burst.statuses)) == (20, {b"200", b"429"})
    assert burst.statuses[b"429"] > 10 * len(seconds)
    assert statistics.median(seconds) < 0.1
