import asyncio
import json
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import redis

from chassis.testing import Service, Valkey, running_service
from ip_service.events import WAITING, Feed
from ip_service.store import EventId, Store

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def service(shared_valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    env = {"REDIS_URL": shared_valkey.url, "RATE_LIMIT": "100/hour"}
    with running_service("ip_service", tmp_path_factory.mktemp("service"), env) as running:
        yield running


async def read_events(answer: httpx.Response) -> AsyncIterator[dict[str, str]]:
    event: dict[str, str] = {}
    async for line in answer.aiter_lines():
        if not line and event:
            yield event
            event = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            event[name] = value


@asynccontextmanager
async def listening(
    service: Service, **headers: str
) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.Response]]:
    """A client with an open stream, for as long as a test may take."""
    async with asyncio.timeout(30), httpx.AsyncClient(base_url=service.url, timeout=20) as http:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        async with http.stream("GET", "/v1/ips/events", headers=names) as answer:
            yield http, answer


async def call(http: httpx.AsyncClient, address: str) -> None:
    assert (await http.get("/get-ip", headers={"X-Forwarded-For": address})).status_code == 200


async def hear(events: AsyncIterator[dict[str, str]]) -> str:
    event = await anext(events)
    assert event["event"] == "address"
    return json.loads(event["data"])["ip"]


async def test_each_new_address_is_one_event(service: Service, valkey: redis.Redis):
    async with listening(service) as (http, answer):
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["ratelimit"].startswith('"default";r=99')
        events = read_events(answer)
        upcoming = asyncio.create_task(hear(events))
        called = []
        # The stream may begin a little after its headers: new addresses come until one was heard.
        while not upcoming.done():
            called.append(f"198.51.{len(called) // 256}.{len(called) % 256}")
            await call(http, called[-1])
        heard = [await upcoming]
        await call(http, called[-1])
        await call(http, "2001:db8::1")
        while heard[-1] != "2001:db8::1":
            heard.append(await hear(events))
        assert heard == [*called[called.index(heard[0]) :], "2001:db8::1"]


async def test_stream_resumes_after_the_last_event(service: Service, store: Store, valkey: redis.Redis):
    for number in range(3):
        await store.record(f"203.0.113.{number}")
    first = valkey.xrange("{ip}:events")[0][0]
    async with listening(service, last_event_id=first) as (_, answer):
        events = read_events(answer)
        assert [await hear(events) for _ in range(2)] == ["203.0.113.1", "203.0.113.2"]


async def test_streams_end_when_the_service_does(shared_valkey: Valkey, tmp_path: Path):
    with running_service("ip_service", tmp_path, {"REDIS_URL": shared_valkey.url}) as service:
        async with listening(service) as (_, answer):
            service.signal(signal.SIGTERM)
            assert [event async for event in read_events(answer)] == []
        assert await asyncio.to_thread(service.wait) == 0


async def test_every_listener_hears_everything_whenever_it_came(store: Store, fill):
    feed = Feed(store)
    await fill(5)
    start = await store.last_event_id()
    async with asyncio.timeout(30), feed.running():
        listeners = [await feed.listen(start)]
        await store.record("203.0.113.1")
        assert (await anext(listeners[0])).data["ip"] == "203.0.113.1"
        listeners.append(await feed.listen(start))
        await store.record("203.0.113.2")
        assert (await anext(listeners[0])).data["ip"] == "203.0.113.2"
        assert [(await anext(listeners[1])).data["ip"] for _ in range(2)] == ["203.0.113.1", "203.0.113.2"]
        for listener in listeners:
            await listener.aclose()


async def test_listener_after_the_last_one_left_hears_only_what_is_new(store: Store):
    feed = Feed(store)
    start = await store.last_event_id()
    async with asyncio.timeout(30), feed.running():
        await store.record("203.0.113.1")
        early = await feed.listen(start)
        assert (await anext(early)).data["ip"] == "203.0.113.1"
        await early.aclose()
        await store.record("203.0.113.2")
        late = await feed.listen(None)
        upcoming = asyncio.create_task(anext(late))
        called = 0
        while not upcoming.done():
            called += 1
            await store.record(f"198.51.{called // 256}.{called % 256}")
        assert (await upcoming).data["ip"].startswith("198.51.")
        await late.aclose()


async def test_listener_that_is_too_slow_is_dropped(store: Store, fill):
    feed = Feed(store)
    start = await store.last_event_id()
    async with asyncio.timeout(30), feed.running():
        slow, quick = await feed.listen(start), await feed.listen(start)
        await store.record("203.0.113.1")
        assert (await anext(slow)).data == (await anext(quick)).data
        for number in range(WAITING + 1):
            await store.record(f"198.51.{number // 250}.{number % 250}")
            await anext(quick)
        assert [event async for event in slow] == []
        await quick.aclose()


@pytest.mark.parametrize("text", ["", "x", "1", "1-", "-1", "1-2-3", "٣-0", "1 - 2"])
def test_nonsense_is_no_event_id(text: str):
    assert EventId.parse(text) is None


def test_event_ids_are_ordered_by_number():
    first, second = EventId.parse("999-10"), EventId.parse("1000-9")
    assert first is not None
    assert second is not None
    assert first < second
    assert str(second) == "1000-9"
