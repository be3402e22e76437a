"""Redis goes away, hangs, refuses; each time in the middle of a load where that can be."""

import asyncio
import json
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import redis

from chassis.testing import Valkey, run_app, running_service, valkey_server
from ip_service.app import create_app
from ip_service.settings import Settings

pytestmark = pytest.mark.anyio

DEADLINE = 2  # seconds, by the contract
PATHS = ["/get-ip", "/get-ip-list", "/v1/ips", "/v1/ips/me", "/v1/ips/stats"]


@pytest.fixture
def settings(own_valkey: Valkey) -> Settings:
    return Settings(serve_port=0, log_level="critical", redis_url=own_valkey.url, rate_limit=None)


async def assert_unavailable(http: httpx.AsyncClient, path: str) -> None:
    started = time.monotonic()
    answer = await http.get(path)
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"]
    assert time.monotonic() - started < DEADLINE
    assert "127.0.0.1" not in answer.json()["detail"]


async def test_stopped_store_is_503_and_comes_back(settings: Settings, own_valkey: Valkey):
    async with run_app(create_app(settings)) as http:
        for path in PATHS:
            assert (await http.get(path)).status_code == 200
        own_valkey.stop()
        for path in [*PATHS, "/v1/ips/events"]:
            await assert_unavailable(http, path)
        assert (await http.get("/readyz")).status_code == 503
        assert (await http.get("/livez")).status_code == 200
        own_valkey.start()
        for path in PATHS:
            assert (await http.get(path)).status_code == 200
        assert (await http.get("/readyz")).status_code == 200


async def test_paused_store_is_503_and_comes_back(settings: Settings, own_valkey: Valkey):
    async with run_app(create_app(settings)) as http:
        await http.get("/get-ip")
        own_valkey.pause()
        await asyncio.gather(*(assert_unavailable(http, path) for path in PATHS * 3))
        assert (await http.get("/readyz")).status_code == 503
        own_valkey.resume()
        for path in PATHS:
            assert (await http.get(path)).status_code == 200


async def test_store_that_is_not_there_at_the_start(settings: Settings, own_valkey: Valkey):
    own_valkey.stop()
    async with run_app(create_app(settings)) as http:
        await assert_unavailable(http, "/get-ip")
        own_valkey.start()
        assert (await http.get("/get-ip")).status_code == 200


async def test_read_only_store_is_503(settings: Settings, own_valkey: Valkey):
    with redis.Redis.from_url(own_valkey.url) as admin:
        async with run_app(create_app(settings)) as http:
            admin.replicaof("127.0.0.1", own_valkey.port)
            await assert_unavailable(http, "/get-ip")
            await assert_unavailable(http, "/get-ip-list")
            assert (await http.get("/readyz")).status_code == 503
            admin.replicaof("NO", "ONE")
            assert (await http.get("/get-ip")).status_code == 200


async def test_full_store_is_503(settings: Settings, own_valkey: Valkey):
    with redis.Redis.from_url(own_valkey.url) as admin:
        async with run_app(create_app(settings)) as http:
            admin.config_set("maxmemory", "1")
            await assert_unavailable(http, "/get-ip")
            admin.config_set("maxmemory", "0")
            assert (await http.get("/get-ip")).status_code == 200


async def test_store_that_forgot_its_scripts_is_no_failure(settings: Settings, own_valkey: Valkey):
    with redis.Redis.from_url(own_valkey.url) as admin:
        async with run_app(create_app(settings)) as http:
            for path in PATHS:
                admin.script_flush()
                assert (await http.get(path)).status_code == 200


async def test_password_is_used(tmp_path: Path):
    password = secrets.token_urlsafe()
    with valkey_server(tmp_path, "--requirepass", password) as server:
        known = Settings(serve_port=0, redis_url=server.url, redis_password=password)
        async with run_app(create_app(known)) as http:
            assert (await http.get("/get-ip")).status_code == 200
        for wrong in (None, "wrong"):
            unknown = known.model_copy(update={"redis_password": None})
            if wrong:
                unknown = Settings(serve_port=0, redis_url=server.url, redis_password=wrong)
            async with run_app(create_app(unknown)) as http:
                await assert_unavailable(http, "/get-ip")


async def test_list_that_breaks_off_does_not_look_whole(own_valkey: Valkey, stock, tmp_path: Path):
    stock(own_valkey, 200_000)
    env = {"REDIS_URL": own_valkey.url, "RATE_LIMIT": "off"}
    with running_service("ip_service", tmp_path, env) as service:
        async with httpx.AsyncClient(base_url=service.url) as http:
            with pytest.raises(httpx.RemoteProtocolError):
                await read_while_it_breaks(http, own_valkey)


async def read_while_it_breaks(http: httpx.AsyncClient, valkey: Valkey) -> None:
    async with http.stream("GET", "/get-ip-list") as answer:
        async for _ in answer.aiter_bytes():
            valkey.stop(signal.SIGKILL)


@pytest.fixture
def durable_valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A server that answers once the write is in its file, as store.yaml has it."""
    with valkey_server(tmp_path, "--appendfsync", "always") as server:
        yield server


@pytest.mark.parametrize("disturb", ["stop", "kill", "pause"])
async def test_nothing_acknowledged_is_lost_in_the_middle_of_a_load(
    durable_valkey: Valkey, tmp_path: Path, disturb: str
):
    disturbances: dict[str, Callable[[], None]] = {
        "stop": durable_valkey.stop,
        "kill": lambda: durable_valkey.stop(signal.SIGKILL),
        "pause": durable_valkey.pause,
    }
    env = {"REDIS_URL": durable_valkey.url, "RATE_LIMIT": "off"}
    with running_service("ip_service", tmp_path, env) as service:
        load = Load(service.url)
        async with load:
            await load.until(lambda: len(load.acknowledged) > 300)
            await asyncio.to_thread(disturbances[disturb])
            await load.until(lambda: load.refused > 10)
            await asyncio.to_thread(durable_valkey.resume if disturb == "pause" else durable_valkey.start)
            enough = len(load.acknowledged) + 300
            await load.until(lambda: len(load.acknowledged) > enough)
        assert load.unexpected == []
        assert slowest_in(service.log) < DEADLINE
    with redis.Redis.from_url(durable_valkey.url, decode_responses=True) as admin:
        stored = set(admin.zrange("{ip}:seen", 0, -1))
    assert load.acknowledged <= stored


def slowest_in(log: Path) -> float:
    """Seconds that the slowest request took by the service's clock; a busy test does not slow it down."""
    lines = map(json.loads, log.read_text().splitlines())
    return max(line["duration_ms"] for line in lines if line["event"] == "request") / 1000


class Load:
    """Calls the service from ever new addresses, eight at a time, and keeps book."""

    def __init__(self, url: str) -> None:
        self.acknowledged: set[str] = set()
        self.refused, self.unexpected = 0, []
        self._http = httpx.AsyncClient(base_url=url, timeout=10)
        self._stopping, self._changed = False, asyncio.Condition()

    async def __aenter__(self) -> None:
        self._tasks = [asyncio.create_task(self._call()) for _ in range(8)]

    async def __aexit__(self, *_: object) -> None:
        self._stopping = True
        await asyncio.gather(*self._tasks)
        await self._http.aclose()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(condition)

    async def _call(self) -> None:
        while not self._stopping:
            address = f"2001:db8:{secrets.randbelow(65535) + 1:x}:{secrets.randbelow(65535) + 1:x}::1"
            answer = await self._http.get("/get-ip", headers={"X-Forwarded-For": address})
            await self._note(answer)

    async def _note(self, answer: httpx.Response) -> None:
        async with self._changed:
            if answer.status_code == 200:
                self.acknowledged.add(answer.text.strip())
            elif answer.status_code == 503:
                self.refused += 1
            else:
                self.unexpected.append(answer.status_code)
            self._changed.notify_all()
