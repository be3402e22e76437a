import asyncio
import socket
import time
from collections.abc import Iterator

import httpx
import pytest
import sqlalchemy

from chassis.fastapi import App
from chassis.testing import free_port, run_app
from config_service.app import create_app
from config_service.settings import Settings
from config_service.tables import revision_counter

pytestmark = pytest.mark.anyio

DOCUMENT = {"dcname": "a", "metadata": {}}


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


async def assert_unavailable(response: httpx.Response) -> None:
    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert response.headers["content-type"] == "application/problem+json"
    assert "sql" not in response.text.lower()


async def test_write_that_waits_too_long_for_the_lock_is_503(
    app: App, settings: Settings, engine: sqlalchemy.Engine
) -> None:
    impatient = create_app(settings.model_copy(update={"database_timeout": 2.0}))
    async with run_app(impatient) as client:
        with engine.execution_options(write=True).begin() as connection:
            connection.execute(sqlalchemy.select(revision_counter).with_for_update())
            started = time.monotonic()
            response = await client.post("/configs", json=DOCUMENT)
            assert time.monotonic() - started < 2.5
            await assert_unavailable(response)
            assert (await client.get("/configs/datacenter-1")).status_code == 200
        assert (await client.get("/configs/a")).json() == []
        assert (await client.post("/configs", json=DOCUMENT)).status_code == 204


async def test_database_that_is_down_is_503_on_every_call() -> None:
    url = f"mysql+pymysql://127.0.0.1:{free_port()}/config"
    async with run_app(create_app(Settings(serve_port=0, database_url=url, log_level="critical"))) as client:
        for response in [
            await client.get("/configs"),
            await client.get("/configs/a"),
            await client.get("/search"),
            await client.post("/configs", json=DOCUMENT),
            await client.put("/configs/a", json=DOCUMENT),
            await client.patch("/configs/a", json={}),
            await client.delete("/configs/a"),
        ]:
            await assert_unavailable(response)
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503


async def test_database_that_hangs_is_503_within_the_deadline(silent_port: int) -> None:
    url = f"mysql+pymysql://127.0.0.1:{silent_port}/config"
    settings = Settings(serve_port=0, database_url=url, database_threads=3, log_level="critical")
    async with run_app(create_app(settings)) as client:

        async def timed_get() -> float:
            started = time.monotonic()
            await assert_unavailable(await client.get("/configs"))
            return time.monotonic() - started

        assert max(await asyncio.gather(*(timed_get() for _ in range(30)))) < 2.5
