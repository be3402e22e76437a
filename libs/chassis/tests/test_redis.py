import asyncio
import signal
import time

import pytest
import redis.exceptions
from pydantic import SecretStr
from redis.exceptions import ResponseError

from chassis import StoreUnavailable
from chassis.redis import create_client
from chassis.testing import free_port, valkey_server

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def server(tmp_path):
    with valkey_server(tmp_path) as running:
        yield running


@pytest.fixture
async def client(make_chassis, server):
    async with create_client(make_chassis(), server.url, timeout=0.3) as made:
        yield made


async def fails_within(awaitable, seconds):
    started = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        await awaitable
    assert time.monotonic() - started < seconds
    return caught.value


async def test_absent_server_is_unavailable(make_chassis):
    async with create_client(make_chassis(), f"redis://127.0.0.1:{free_port()}/0") as client:
        problem = await fails_within(client.get("key"), 2)

    assert (problem.status, problem.headers["Retry-After"]) == (503, "1")


@pytest.mark.parametrize("anyio_backend", [("asyncio", {"use_uvloop": True})])
async def test_socket_that_closes_before_a_command_is_an_absent_server(client):
    connection = await client.connection_pool.get_connection()
    connection._writer.transport.abort()
    with pytest.raises(redis.exceptions.ConnectionError):
        await connection.send_command("PING")
    await client.connection_pool.release(connection)

    assert await client.get("key") is None


async def test_hanging_server_is_unavailable_within_the_deadline_and_recovers(client, server):
    await client.set("key", "value")
    server.pause()
    await fails_within(client.get("key"), 1)
    server.resume()

    assert await client.get("key") == "value"


async def test_killed_server_is_unavailable_and_recovers_with_its_data(client, server):
    await client.set("key", "value")
    await client.execute_command("WAITAOF", 1, 0, 2000)
    server.stop(signal.SIGKILL)
    await fails_within(client.get("key"), 1)
    server.start()

    assert await client.get("key") == "value"


async def test_server_that_was_restarted_costs_no_command(client, server):
    await asyncio.gather(*(client.set(f"key-{number}", "kept") for number in range(5)))
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.start)

    for number in range(5):
        assert await client.get(f"key-{number}") == "kept"


async def test_read_only_server_is_unavailable(client, server):
    await client.execute_command("REPLICAOF", "127.0.0.1", str(free_port()))

    await fails_within(client.set("key", "value"), 1)


async def test_full_server_is_unavailable(client):
    await client.config_set("maxmemory", "1")

    await fails_within(client.set("key", "value"), 1)


async def test_wrong_command_is_no_fault_of_the_server(client):
    await client.set("key", "text")

    with pytest.raises(ResponseError):
        await client.incr("key")


async def test_password_is_used_and_never_shown(make_chassis, tmp_path, request_id):
    with valkey_server(tmp_path, "--requirepass", request_id) as server:
        async with create_client(make_chassis(), server.url, password=SecretStr(request_id)) as client:
            assert await client.ping()
            assert request_id not in repr(client.connection_pool.connection_kwargs.get("url", ""))
        async with create_client(make_chassis(), server.url, password=SecretStr("wrong")) as client:
            problem = await fails_within(client.ping(), 1)

    assert request_id not in str(problem)


def test_wrong_url_is_refused(make_chassis):
    with pytest.raises(ValueError, match="scheme"):
        create_client(make_chassis(), "http://127.0.0.1")
