import asyncio
import json
import random
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.sse import ServerSentEvent

from chassis import UnprocessableContent
from chassis.fastapi import App
from chassis.testing import Service, running_service
from config_service import watch
from config_service.documents import Change
from config_service.events import Place
from config_service.gate import Gate
from config_service.store import Store
from config_service.transaction import Transaction
from config_service.watch import Hub

pytestmark = pytest.mark.anyio

ME = Change("tester")
Stream = AsyncGenerator[ServerSentEvent, None]


@asynccontextmanager
async def running(store: Store) -> AsyncIterator[Hub]:
    hub = Hub(store, Gate(10, 2))
    task = asyncio.create_task(hub.run())
    try:
        yield hub
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def follow(hub: Hub, since: str | None = None, prefix: str = "") -> Stream:
    last = await hub.last()
    return hub.follow(Place.parse(since) if since else last, last, prefix)


async def take(stream: Stream, count: int) -> list[tuple[str | None, str | None]]:
    """The next events, as kind and id."""
    async with asyncio.timeout(10):
        return [(event.event, event.id) for event in [await anext(stream) for _ in range(count)]]


def put(transaction: Transaction, name: str, metadata: dict[str, Any]) -> None:
    if current := transaction.get(name):
        transaction.update(current, None, metadata)
    else:
        transaction.create(name, None, metadata)


def delete(transaction: Transaction, name: str) -> None:
    current = transaction.get(name)
    assert current is not None
    transaction.delete(current)


def write_three(transaction: Transaction) -> None:
    put(transaction, "a", {"x": 1})
    put(transaction, "b", {})
    delete(transaction, "datacenter-1")


async def test_events_follow_a_revision_in_order(store: Store) -> None:
    store.write(ME, write_three)
    store.write(ME, lambda transaction: put(transaction, "a", {"x": 2}))
    async with running(store) as hub:
        everything = [
            ("put", "1"),
            ("put", "2"),
            ("put", "3.0"),
            ("put", "3.1"),
            ("delete", "3"),
            ("put", "4"),
        ]
        for since, skipped in [("0", 0), ("1", 1), ("2", 2), ("3.0", 3), ("3.1", 4), ("3", 5)]:
            stream = await follow(hub, since)
            assert await take(stream, 6 - skipped) == everything[skipped:]
            await stream.aclose()


async def test_event_carries_the_resource(app: App, store: Store, client: httpx.AsyncClient) -> None:
    await client.put("/v1/configs/a", json={"metadata": {"x": [1, "ü"]}})
    resource = (await client.put("/v1/configs/a", json={"metadata": {"x": 2}})).json()
    await client.delete("/v1/configs/a")
    async with running(store) as hub:
        stream = await follow(hub, "3")
        changed, gone = await anext(stream), await anext(stream)
        await stream.aclose()

    assert json.loads(changed.raw_data or "") == resource
    assert json.loads(gone.raw_data or "") == {"name": "a", "revision": 5}


async def test_now_is_the_default_and_prefix_narrows(store: Store) -> None:
    async with running(store) as hub:
        everything, some = await follow(hub), await follow(hub, prefix="team-")
        assert await take(everything, 1) == await take(some, 1) == [(None, "2")]
        waiting = [asyncio.create_task(take(everything, 2)), asyncio.create_task(take(some, 1))]
        await asyncio.sleep(0)
        store.write(ME, lambda transaction: put(transaction, "other", {}))
        store.write(ME, lambda transaction: put(transaction, "team-a", {}))

        assert await asyncio.gather(*waiting) == [[("put", "3"), ("put", "4")], [("put", "4")]]
        await everything.aclose()
        await some.aclose()


async def test_place_moves_on_past_what_is_not_watched(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "SILENCE", 2)
    for number in range(4):
        store.write(ME, lambda transaction, number=number: put(transaction, "other", {"x": number}))
    async with running(store) as hub:
        stream = await follow(hub, "2", prefix="team-")
        async with asyncio.timeout(5):
            event = await anext(stream)
        await stream.aclose()

    assert (event.event, event.data, event.raw_data, event.id) == (None, None, None, "6")


@pytest.mark.parametrize("since", ["0", "99"])
async def test_client_that_is_elsewhere_is_reset(
    store: Store, monkeypatch: pytest.MonkeyPatch, since: str
) -> None:
    monkeypatch.setattr(watch, "BACKLOG", 1)
    async with running(store) as hub:
        stream = await follow(hub, since)
        assert await take(stream, 1) == [("reset", "2")]
        waiting = asyncio.create_task(take(stream, 1))
        await asyncio.sleep(0)
        store.write(ME, lambda transaction: put(transaction, "a", {}))
        assert await waiting == [("put", "3")]
        await stream.aclose()


async def test_many_changes_reach_every_listener_once_and_in_order(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listeners that break off at any place and resume, while memory holds few entries."""
    monkeypatch.setattr(watch, "RECENT_ENTRIES", 7)
    monkeypatch.setattr(watch, "PAGE", 5)
    dice = random.Random(7)  # noqa: S311 no secret
    expected = []
    for number in range(120):
        names = dice.sample(["a", "b", "c"], dice.randint(1, 3))
        revision = number + 3
        expected += [f"{revision}.{k}" for k in range(len(names) - 1)] + [str(revision)]

        def work(transaction: Transaction, names: list[str] = names, number: int = number) -> None:
            for name in names:
                put(transaction, name, {"x": number})

        store.write(ME, work)

    async def listen(hub: Hub) -> list[str | None]:
        seen: list[str | None] = ["2"]
        while len(seen) <= len(expected):
            stream = await follow(hub, seen[-1])
            found = await take(stream, min(dice.randint(1, 40), len(expected) + 1 - len(seen)))
            seen += [number for _, number in found]
            await stream.aclose()
        return seen[1:]

    async with running(store) as hub:
        assert await asyncio.gather(*(listen(hub) for _ in range(5))) == [expected] * 5


@pytest.mark.parametrize("text", ["x", "1.", ".1", "-1", "1.2.3", "9" * 19, "1 ", ""])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(UnprocessableContent):
        Place.parse(text)


@contextmanager
def replica(url: str, folder: Path) -> Iterator[Service]:
    folder.mkdir()
    with running_service("config_service", folder, {"DATABASE_URL": url}) as service:
        yield service


async def events(
    http: httpx.AsyncClient, url: str, count: int, headers: dict[str, str] | None = None
) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    event: dict[str, str] = {}
    async with http.stream("GET", url, headers=headers) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        async for line in response.aiter_lines():
            field, _, value = line.partition(": ")
            if field in ("id", "event", "data"):
                event[field] = value
            elif not line and "data" in event:
                found, event = [*found, event], {}
            if len(found) == count:
                break
    return found


async def test_replicas_tell_of_each_others_writes(
    app: App, store: Store, empty_database_url: str, tmp_path: Path
) -> None:
    with (
        replica(empty_database_url, tmp_path / "1") as first,
        replica(empty_database_url, tmp_path / "2") as second,
    ):
        async with httpx.AsyncClient(trust_env=False, timeout=10) as http:
            watching = asyncio.create_task(events(http, f"{second.url}/v1/watch?since=2", 3))
            for x in range(3):
                await http.put(f"{first.url}/v1/configs/a", json={"metadata": {"x": x}})
            assert [event["id"] for event in await watching] == ["3", "4", "5"]

            resumed = await events(http, f"{first.url}/v1/watch?since=0", 1, headers={"Last-Event-ID": "4"})
            assert json.loads(resumed[0]["data"])["metadata"] == {"x": 2}

            head = await http.head(f"{first.url}/v1/watch")
            assert (head.status_code, head.headers["cache-control"]) == (200, "no-store")
            assert (await http.get(f"{first.url}/v1/watch?since=x")).status_code == 422


async def test_drain_ends_the_streams(app: App, empty_database_url: str, tmp_path: Path) -> None:
    with replica(empty_database_url, tmp_path / "1") as service:
        async with (
            httpx.AsyncClient(trust_env=False, timeout=10) as http,
            http.stream("GET", f"{service.url}/v1/watch") as response,
        ):
            service.process.terminate()
            async for _ in response.aiter_bytes():
                pass
        assert service.wait() == 0


async def test_slow_watcher_holds_up_nobody(app: App, empty_database_url: str, tmp_path: Path) -> None:
    """One reads nothing while 40 MB go by; another gets them at once, and the first one later."""
    text = "x" * 400_000
    with replica(empty_database_url, tmp_path / "1") as service:
        host, port = service.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port), limit=1 << 20)
        writer.write(b"GET /v1/watch?since=2 HTTP/1.1\r\nHost: config\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        before = resident_mb(service)
        async with httpx.AsyncClient(trust_env=False, timeout=30) as http:
            quick = asyncio.create_task(events(http, f"{service.url}/v1/watch?since=2", 100))
            for number in range(100):
                await http.put(f"{service.url}/v1/configs/a", json={"metadata": {"x": text, "y": number}})
            found = [event["id"] for event in await asyncio.wait_for(quick, 30)]
        grown = resident_mb(service) - before
        writer.transport.resume_reading()  # type: ignore[attr-defined]
        late = [number async for number in ids(reader, 101)]
        writer.close()

    assert ["2", *found] == late == [str(number) for number in range(2, 103)]
    assert grown < 60


async def ids(reader: asyncio.StreamReader, count: int) -> AsyncIterator[str]:
    """The ids of the next events."""
    while count:
        if (line := await reader.readline()).startswith(b"id: "):
            count -= 1
            yield line[4:].decode().strip()


def resident_mb(service: Service) -> float:
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
