"""How the data lies in the store: within Redis Cluster's rules, small, and quick to read."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from chassis.testing import Valkey, run_app, valkey_server, wait_until
from ip_service.app import create_app
from ip_service.listing import CHUNK
from ip_service.settings import Settings
from ip_service.store import Store

pytestmark = pytest.mark.anyio

COUNT = 20_000
FIRST = 1500  # with them come the scripts, the counts, and all the events that are kept
MEASURED = 10_000
PATHS = [
    "/get-ip",
    "/get-ip-list",
    "/get-ip-list?limit=1",
    "/v1/ips",
    "/v1/ips/me",
    "/v1/ips/stats",
]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Valkey]:
    """A cluster of one node: it refuses commands whose keys are in different slots."""
    with valkey_server(tmp_path, "--cluster-enabled", "yes") as server:
        with redis.Redis.from_url(server.url, decode_responses=True) as admin:
            admin.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
            wait_until(lambda: admin.execute_command("CLUSTER INFO")["cluster_state"] == "ok")
        yield server


async def test_every_call_keeps_to_one_slot_of_a_cluster(cluster: Valkey):
    settings = Settings(serve_port=0, redis_url=cluster.url, admin_token="let me", retention_days=1)
    async with run_app(create_app(settings)) as http:
        for path in PATHS:
            assert (await http.get(path)).status_code == 200
        answer = await http.delete("/v1/ips/127.0.0.1", headers={"Authorization": "Bearer let me"})
        assert answer.status_code == 204
        assert (await http.get("/readyz")).status_code == 200


async def test_address_takes_less_than_300_bytes(store: Store, valkey: redis.Redis):
    await record(store, range(FIRST))
    before = valkey.info("memory")["used_memory_dataset"]
    await record(store, range(FIRST, FIRST + MEASURED))
    assert (valkey.info("memory")["used_memory_dataset"] - before) / MEASURED < 300


async def record(store: Store, numbers: range) -> None:
    for start in range(0, len(numbers), 250):
        some = numbers[start : start + 250]
        callers = [f"2001:db8:{number:x}:ffff:ffff:ffff:ffff:ffff" for number in some]
        await asyncio.gather(*map(store.record, callers))


async def test_no_command_reads_more_than_a_chunk(client, shared_valkey: Valkey, stock, valkey: redis.Redis):
    stock(shared_valkey, COUNT)
    valkey.config_set("slowlog-max-len", 10_000)
    valkey.config_set("slowlog-log-slower-than", 0)
    valkey.slowlog_reset()
    assert (await client.get("/get-ip-list")).text.count("\n") == COUNT + 1
    await client.get("/get-ip-list?limit=10000")
    await client.get("/v1/ips?limit=1000")
    await client.get("/v1/ips?limit=1000&version=4")
    commands = [entry["command"] for entry in valkey.slowlog_get(10_000)]
    valkey.config_set("slowlog-log-slower-than", 10_000)
    sizes = [int(size) for command in commands for size in re.findall(rb" LIMIT \d+ (\d+)", command)]
    assert len(sizes) > COUNT / CHUNK
    assert max(sizes) == CHUNK
