"""ip with a million addresses: memory, the list, single slow commands, and `/get-ip` against ten."""

from __future__ import annotations

import contextlib
import os
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import redis

from benchmarks.athlete import service
from benchmarks.harness import FOLDER, Server, measure, report, serve
from chassis.testing import Valkey, free_port, valkey_server
from ip_service.scripts import VISIT
from ip_service.store import KEYS

MILLION, LISTED = 1_000_000, 100_000
BATCH = 500
SLOW_US = 10_000
ROUNDS = 9


@dataclass(frozen=True)
class Reading:
    """A list, read to its end.

    Attributes:
        first_byte: seconds until the body began.
        seconds: until it ended.
        size: bytes of the answer.
        lines: addresses in it.
        growth_mb: how much the server's memory grew meanwhile, in MB.
    """

    first_byte: float
    seconds: float
    size: int
    lines: int
    growth_mb: float


def run() -> None:
    """Measure and print."""
    with contextlib.ExitStack() as stack:
        few, many, some = (stack.enter_context(_store(count)) for count in (10, MILLION, LISTED))
        _scale(stack, many)
        _throughput(stack, few, many)
        _list(stack, some)


@contextlib.contextmanager
def _store(count: int) -> Iterable[Valkey]:
    with tempfile.TemporaryDirectory() as folder, valkey_server(Path(folder)) as valkey:
        fill(valkey, count)
        yield valkey


def fill(valkey: Valkey, count: int) -> None:
    """Record so many callers with the service's own script, and print what they take."""
    with redis.Redis.from_url(valkey.url) as admin:
        before = admin.info("memory")["used_memory"]
        record = admin.register_script(VISIT.source)
        for start in range(0, count, BATCH):
            addresses = [address(number) for number in range(start, min(start + BATCH, count))]
            record(keys=[*KEYS, *("{ip}:unused" for _ in addresses)], args=[0, 0, *addresses])
        taken = admin.info("memory")["used_memory"] - before
    if count > BATCH:
        print(f"ip: {count:,} IPv6 addresses take {taken / count:.0f} bytes each in Valkey")


def address(number: int) -> str:
    """One of the longest there are."""
    return f"2001:db8:{number >> 16:x}:{number & 65535:x}:ffff:ffff:ffff:ffff"


def _scale(stack: contextlib.ExitStack, valkey: Valkey) -> None:
    server = stack.enter_context(service("ip", "ip_service", {"REDIS_URL": valkey.url, "RATE_LIMIT": "off"}))
    with redis.Redis.from_url(valkey.url) as admin:
        admin.config_set("slowlog-log-slower-than", SLOW_US)
        admin.slowlog_reset()
        with _undisturbed(admin.info("server")["process_id"]):
            read(server, "/get-ip-list?limit=10000")
            reading = read(server, "/get-ip-list")
            read(server, "/v1/ips?limit=1000&version=4")
        slow = admin.slowlog_get()
    assert reading.lines == MILLION + 1
    print(
        f"ip: the list of {MILLION:,}: first byte {reading.first_byte * 1000:.0f} ms, "
        f"{reading.size / 2**20 / reading.seconds:.1f} MB/s, memory grew {reading.growth_mb:.1f} MB"
    )
    print(f"ip: commands over {SLOW_US / 1000:.0f} ms: {len(slow)}")
    for entry in slow:
        print(f"    {entry['duration'] / 1000:.1f} ms {entry['command'][:12]!r} … {entry['command'][-60:]!r}")


@contextlib.contextmanager
def _undisturbed(pid: int) -> Iterable[None]:
    """Let a process run before all others, where that is allowed: its log of slow commands counts waits."""
    threads = [int(path.name) for path in Path(f"/proc/{pid}/task").iterdir()]
    with contextlib.suppress(PermissionError):
        for thread in threads:
            os.sched_setscheduler(thread, os.SCHED_FIFO, os.sched_param(1))
    yield
    for thread in threads:
        os.sched_setscheduler(thread, os.SCHED_OTHER, os.sched_param(0))


def _throughput(stack: contextlib.ExitStack, few: Valkey, many: Valkey) -> None:
    servers = [
        stack.enter_context(service(name, "ip_service", {"REDIS_URL": valkey.url, "RATE_LIMIT": "off"}))
        for name, valkey in {"ip, ten addresses": few, "ip, a million": many}.items()
    ]
    paths = {servers[0].name: "/get-ip?10", servers[1].name: f"/get-ip?{MILLION}"}
    measure(servers, "", script=FOLDER / "ip.lua", paths=paths)
    report("ip: GET /get-ip from random known addresses", servers)


def _list(stack: contextlib.ExitStack, valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.url) as admin:
        for start in range(0, LISTED, BATCH):
            admin.sadd("bare", *map(address, range(start, start + BATCH)))
    env = {"REDIS_URL": valkey.url, "RATE_LIMIT": "off"}
    servers = [
        stack.enter_context(_bare("bare Flask, SMEMBERS", valkey, hiredis=False)),
        stack.enter_context(_bare("the same with hiredis", valkey, hiredis=True)),
        stack.enter_context(service("ip", "ip_service", env)),
    ]
    before = [server.cpu_seconds() for server in servers]
    rounds = [[read(server, "/get-ip-list") for server in servers] for _ in range(ROUNDS)]
    print(f"\nip: GET /get-ip-list of {LISTED:,}\n{'server':34}{'MB/s':>9}{'µs CPU/kB':>11}{'grew MB':>9}")
    for server, spent, readings in zip(servers, before, zip(*rounds, strict=True), strict=True):
        rate = statistics.median(reading.size / 2**20 / reading.seconds for reading in readings)
        cpu = (server.cpu_seconds() - spent) / sum(reading.size for reading in readings) * 1e9
        grown = max(reading.growth_mb for reading in readings)
        print(f"{server.name:34}{rate:9.1f}{cpu:11.1f}{grown:9.1f}")


def _bare(name: str, valkey: Valkey, *, hiredis: bool) -> contextlib.AbstractContextManager[Server]:
    port = free_port()
    env = {"REDIS_URL": valkey.url, "SERVE_PORT": str(port), "HIREDIS": str(hiredis)}
    return serve(name, ["-m", "benchmarks.servers.ip_list"], env, port)


def read(server: Server, path: str) -> Reading:
    """Read an answer to its end, and watch the server's memory."""
    before, peak, done = server.resident_mb(), [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.005):
            peak[0] = max(peak[0], server.resident_mb())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        first_byte, seconds, size, lines = _fetch(server, path)
    finally:
        done.set()
        watcher.join()
    return Reading(first_byte, seconds, size, lines, max(0.0, peak[0] - before))


def _fetch(server: Server, path: str) -> tuple[float, float, int, int]:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        started = time.perf_counter()
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: ip\r\nConnection: close\r\n\r\n".encode())
        first_byte, head, last = 0.0, b"", b""
        size = lines = 0
        while block := connection.recv(1 << 18):
            size += len(block)
            lines += block.count(b"\n") - (last + block).count(b"\r\n")  # those end a chunk's head
            last = block[-1:]
            if not first_byte:
                head += block
                first_byte = time.perf_counter() - started if head.partition(b"\r\n\r\n")[2] else 0.0
        return first_byte, time.perf_counter() - started, size, lines
