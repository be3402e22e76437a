"""Watching over reconnects and restarts of replicas: every change once, in order."""

import asyncio
import itertools
import os
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack, aclosing
from pathlib import Path

import pytest

from chassis.testing import Service, free_port, running_service
from chassis.testing.databases import mysql_database
from config_client import AsyncConfigClient, UnavailableError

pytestmark = pytest.mark.anyio

MYSQL_URL = os.environ.get("CONFIG_TEST_MYSQL_URL")  # noqa: TID251 only tests read this
WRITES = int(os.environ.get("CONFIG_TEST_WRITES", "200"))  # noqa: TID251 only tests read this
REPLICAS, WATCHERS, WRITERS, RESTARTS = 2, 4, 4, 1


class Replicas:
    """Services on one store, each of which can be ended and started again on its port."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self._stack = ExitStack()
        self._folder = folder
        self._env = {"DATABASE_URL": database_url, "LOG_LEVEL": "error"}
        command = [sys.executable, "-m", "config_service.migrate"]
        subprocess.run(command, env=self._env, check=True, capture_output=True)  # noqa: S603
        self._ports = [free_port() for _ in range(REPLICAS)]
        self.urls = [f"http://127.0.0.1:{port}" for port in self._ports]
        self._services = [self._start(number) for number in range(REPLICAS)]

    def _start(self, number: int) -> Service:
        folder = self._folder / str(number)
        folder.mkdir(exist_ok=True)
        env = {**self._env, "SERVE_PORT": str(self._ports[number])}
        return self._stack.enter_context(running_service("config_service", folder, env))

    def restart(self, number: int, *, kill: bool) -> None:
        process = self._services[number].process
        if kill:
            process.kill()
        else:
            process.terminate()
        process.wait(60)
        self._services[number] = self._start(number)

    def close(self) -> None:
        self._stack.close()


@pytest.fixture(params=["sqlite", "mysql"] if MYSQL_URL else ["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, on SQLite and, where one is named, on MySQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/config.db"
        return
    with mysql_database(MYSQL_URL) as url:
        yield url.render_as_string(hide_password=False)


@pytest.fixture
def replicas(tmp_path: Path, database_url: str) -> Iterator[Replicas]:
    replicas = Replicas(tmp_path, database_url)
    yield replicas
    replicas.close()


@pytest.fixture
async def clients(replicas: Replicas) -> AsyncIterator[list[AsyncConfigClient]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(AsyncConfigClient(url)) for url in replicas.urls]


async def write(client: AsyncConfigClient, writer: int, writes: int) -> None:
    """Write documents; again where the answer did not come, since the same content changes nothing twice."""
    for number in range(writes):
        while True:
            try:
                await client.put(f"doc-{writer}-{number % 10}", {"number": number})
            except UnavailableError:
                continue
            break


async def watch(client: AsyncConfigClient) -> list[int]:
    """Follow the store from its beginning until the last write."""
    seen: list[int] = []
    async with aclosing(client.watch(since="2")) as events:
        async for event in events:
            seen.append(event.revision)
            if event.name == "end":
                break
    return seen


async def test_no_event_is_lost_or_doubled_while_replicas_restart(
    replicas: Replicas, clients: list[AsyncConfigClient]
) -> None:
    dice = random.Random(1)  # noqa: S311 no secret
    watchers = [asyncio.create_task(watch(clients[n % REPLICAS])) for n in range(WATCHERS)]
    writers = [
        asyncio.create_task(write(clients[n % REPLICAS], n, WRITES // WRITERS)) for n in range(WRITERS)
    ]

    for number in itertools.count():
        await asyncio.to_thread(replicas.restart, number % REPLICAS, kill=dice.random() < 0.5)
        if number >= RESTARTS and all(writer.done() for writer in writers):
            break
    await asyncio.gather(*writers)
    end = await clients[0].put("end", {})

    async with asyncio.timeout(60):
        seen = await asyncio.gather(*watchers)
    assert end.revision == WRITES + 3
    assert seen == [list(range(3, end.revision + 1))] * WATCHERS
